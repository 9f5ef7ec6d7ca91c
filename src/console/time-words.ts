const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

const units = [
  ['d', dayMs],
  ['h', hourMs],
  ['m', minuteMs],
  ['s', secondMs],
] as const;

/**
 * How far a time is from now: `just now`, `42s ago`, `5m ago`, `in 2m 5s`, `in 3h 10m`. Times to come are
 * told to the second in their last minutes. assets/console.js says it in the same words.
 */
export function inWords(ms: number, nowMs: number): string {
  const awayMs = ms - nowMs;
  if (awayMs > 0) return `in ${lengthOf(Math.ceil(awayMs / secondMs) * secondMs)}`;
  return -awayMs < 5 * secondMs ? 'just now' : `${ageOf(ms, nowMs)} ago`;
}

/** How long ago a time was, by its largest unit: `42s`, `5m`, `47h`, `3d`. */
export function ageOf(ms: number, nowMs: number): string {
  const pastMs = Math.max(0, nowMs - ms);
  if (pastMs < minuteMs) return `${Math.floor(pastMs / secondMs)}s`;
  if (pastMs < hourMs) return `${Math.floor(pastMs / minuteMs)}m`;
  if (pastMs < 2 * dayMs) return `${Math.floor(pastMs / hourMs)}h`;
  return `${Math.floor(pastMs / dayMs)}d`;
}

/** A length of time by its two largest units: `2m 5s`, `3h`, `2d 4h`. */
export function lengthOf(lengthMs: number): string {
  const first = units.findIndex(([, unitMs]) => lengthMs >= unitMs);
  if (first < 0) return '0s';
  let rest = lengthMs;
  const words: string[] = [];
  for (const [unit, unitMs] of units.slice(first, first + 2)) {
    const count = Math.floor(rest / unitMs);
    rest -= count * unitMs;
    if (count > 0) words.push(`${count}${unit}`);
  }
  return words.join(' ');
}
