/** Prometheus' units of time, largest first, in milliseconds. */
export const units = [
  ['y', 365 * 24 * 3_600_000],
  ['w', 7 * 24 * 3_600_000],
  ['d', 24 * 3_600_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

/**
 * A duration in milliseconds (a whole number, not negative) as Prometheus prints it. Years and weeks
 * are used only where they come out even, so that 10 days is `10d` and not `1w3d`.
 */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s';
  let rest = ms;
  let text = '';
  for (const [unit, unitMs] of units) {
    const onlyEven = unit === 'y' || unit === 'w';
    if (rest < unitMs || (onlyEven && rest % unitMs !== 0)) continue;
    text += `${Math.floor(rest / unitMs)}${unit}`;
    rest %= unitMs;
  }
  return text;
}

/** A point in time as people read it in a sentence, to the second: `2026-03-01 12:00:05 UTC`. */
export function formatTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** A point in time on the clocks of an IANA time zone, to the minute: `2026-03-01 12:00 Europe/Berlin`. */
export function formatZoned(ms: number, zone: string): string {
  // Swedish dates are ISO's
  const wall = new Date(ms).toLocaleString('sv', { timeZone: zone });
  return `${wall.slice(0, 16)} ${zone}`;
}

const spokenUnits = [
  ['d', 24 * 3_600_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** A length of time by its two largest units: `2 min 5 s`, `3 h`, `2 d 4 h`. */
export function lengthInWords(lengthMs: number): string {
  const first = spokenUnits.findIndex(([, unitMs]) => lengthMs >= unitMs);
  if (first < 0) return '0 s';
  let rest = lengthMs;
  const words: string[] = [];
  for (const [unit, unitMs] of spokenUnits.slice(first, first + 2)) {
    const count = Math.floor(rest / unitMs);
    rest -= count * unitMs;
    if (count > 0) words.push(`${count} ${unit}`);
  }
  return words.join(' ');
}
