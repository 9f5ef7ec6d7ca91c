import { InputError } from './errors.js';
import { units } from './time.js';

const duration = new RegExp(`^${units.map(([unit]) => `(?:(\\d+)${unit})?`).join('')}$`);

/** The form of a duration as a regular expression, for a JSON Schema. */
export const durationPattern = `^(?:0|(?=.)${units.map(([unit]) => `(?:\\d+${unit})?`).join('')})$`;

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
      `expected a duration such as 30s, 5m or 1h30m (units y w d h m s ms, largest first), got ${JSON.stringify(text)}${suggestion(text)}`,
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

/** The duration that was most likely meant: units in other words, or with spaces before them. */
function suggestion(text: string): string {
  const meant = text
    .toLowerCase()
    .replace(/\s+/g, '')
    .replace(
      /(\d)(milliseconds?|minutes?|mins?|seconds?|secs?|hours?|hrs?|days?|weeks?|years?)/g,
      (_, digit, unit) => digit + (unit.startsWith('milli') ? 'ms' : unit[0]),
    );
  return meant !== text && duration.test(meant) ? `; did you mean ${JSON.stringify(meant)}?` : '';
}
