import { InputError } from '../errors.js';

const units = [
  ['y', 365 * 24 * 3_600_000],
  ['w', 7 * 24 * 3_600_000],
  ['d', 24 * 3_600_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

const duration = new RegExp(`^${units.map(([unit]) => `(?:(\\d+)${unit})?`).join('')}$`);

/** The longest duration of Prometheus, which counts nanoseconds in 64 bits: some 292 years. */
const longestMs = 9_223_372_036_854;

/**
 * Milliseconds of a duration as Prometheus writes it: whole numbers with the units y, w, d, h, m, s,
 * ms, each at most once and in this order (`1h30m`), or `0`.
 *
 * @throws InputError that says what was expected.
 */
export function parseDuration(text: string): number {
  if (text === '0') return 0;
  const parts = text === '' ? null : duration.exec(text);
  if (parts === null) {
    throw new InputError(
      `expected a duration such as 30s, 5m or 1h30m (units y w d h m s ms, largest first), got ${JSON.stringify(text)}`,
      'duration',
    );
  }
  const ms = units.reduce(
    (sum, [, unitMs], index) => sum + Number(parts[index + 1] ?? 0) * unitMs,
    0,
  );
  if (ms > longestMs) {
    throw new InputError(`expected a duration of at most 292 years, got ${text}`, 'duration');
  }
  return ms;
}

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
