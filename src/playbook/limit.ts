import type { RunLimit } from '../ledger/run.js';
import { parseDuration } from '../lib/duration.js';
import { InputError } from '../lib/errors.js';

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

/**
 * Reads a share, written `25%`, as a part of 1.
 *
 * @throws InputError that says what was expected.
 */
export function parseShare(text: string): number {
  const percent = Number(/^\s*(\d{1,3}(?:\.\d+)?)\s*%\s*$/.exec(text)?.[1]);
  // NaN, too, is refused by this
  if (!(percent > 0 && percent <= 100)) {
    throw new InputError(
      `expected a share such as "25%", above 0% and at most 100%, got ${JSON.stringify(text)}`,
      'share',
    );
  }
  return percent / 100;
}

/** A limit as a playbook has it, written `3 per 1h`. */
export interface Limit extends RunLimit {
  /** As it was written. */
  readonly text: string;
}
