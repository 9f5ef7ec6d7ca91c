import { InputError, messageOf } from '../lib/errors.js';
import type { TrailItem } from './trail.js';

/**
 * A piece of the audit trail as JSON lines: a record as `{"entry": "<its id>", "atMs": …, …}`, and
 * before the records that it seals a block as `{"block": "<id>", "sealed": "…"}`.
 */
export function toJsonLine(item: TrailItem): string {
  if (item.kind === 'block') return JSON.stringify({ block: item.id, sealed: item.sealed });
  const { id: entry, content } = item;
  const fields = JSON.parse(content) as string[];
  try {
    const line = JSON.stringify({ entry, ...JSON.parse(fields[1] ?? '') });
    const read = fromJsonLine(line, 1);
    if (read.kind === 'record' && read.content === content) return line;
  } catch {
    // what others wrote into the trail is exported as it is
  }
  return JSON.stringify({ entry, fields });
}

/**
 * Reads such a line back.
 *
 * @throws InputError for a line that is neither.
 */
export function fromJsonLine(text: string, number: number): TrailItem {
  const wrong = (why: string) =>
    new InputError(
      `line ${number}: expected a line of "jidoka audit export", ${why}`,
      `line ${number}`,
    );
  let line: Record<string, unknown>;
  try {
    line = JSON.parse(text);
  } catch (error) {
    throw wrong(messageOf(error));
  }
  const { entry, block, sealed, ...record } = line ?? {};
  if (typeof block === 'string' && typeof sealed === 'string') {
    return { kind: 'block', id: block, sealed };
  }
  if (typeof entry !== 'string') throw wrong('got one with neither "entry" nor "block"');
  const fields = Array.isArray(record.fields) ? record.fields : ['record', JSON.stringify(record)];
  return { kind: 'record', id: entry, content: JSON.stringify(fields) };
}
