import { InputError } from '../errors.js';
import { parseDuration } from './duration.js';
import type { Limit } from './playbook.js';

/**
 * Reads a limit on the number of runs, written `3 per 1h`.
 *
 * @throws InputError that says what was expected.
 */
export function parseLimit(text: string): Limit {
  const parts = /^\s*([1-9]\d{0,8})\s+per\s+(\S+)\s*$/.exec(text);
  if (parts === null) {
    throw new InputError(
      `expected a limit such as "3 per 1h", at least 1, got ${JSON.stringify(text)}`,
      'limit',
    );
  }
  const windowMs = parseDuration(parts[2] ?? '');
  if (windowMs === 0) {
    throw new InputError(`expected a time longer than 0 after "per", got ${text}`, 'limit');
  }
  return { count: Number(parts[1]), windowMs, text: text.trim() };
}
