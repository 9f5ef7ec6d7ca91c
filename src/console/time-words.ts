import { lengthInWords } from '../lib/time.js';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/**
 * How far a time is from now: `just now`, `42 s ago`, `5 min ago`, `in 2 min 5 s`, `in 3 h 10 min`. What
 * is to come is told to the second in its last minutes. assets/console.js says it in the same words.
 */
export function inWords(ms: number, nowMs: number): string {
  const awayMs = ms - nowMs;
  if (awayMs > 0) return `in ${lengthInWords(Math.ceil(awayMs / 1_000) * 1_000)}`;
  const past = -awayMs;
  if (past < 5_000) return 'just now';
  if (past < minuteMs) return `${Math.floor(past / 1_000)} s ago`;
  if (past < hourMs) return `${Math.floor(past / minuteMs)} min ago`;
  if (past < 2 * dayMs) return `${Math.floor(past / hourMs)} h ago`;
  return `${Math.floor(past / dayMs)} days ago`;
}
