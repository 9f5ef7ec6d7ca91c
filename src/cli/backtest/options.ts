import { parseTimestamp } from '../../alertmanager/timestamp.js';
import type { Assumptions } from '../../integrations/contract/simulation.js';
import { parseDuration } from '../../lib/duration.js';
import { messageOf } from '../../lib/errors.js';
import { UsageError } from '../usage-error.js';

/** Reads `--bounds`: `1..10`, or `none`. @throws UsageError */
export function readBounds(text: string): Assumptions['bounds'] {
  if (text === 'none') return null;
  const [, min, max] = /^(\d{1,6})\.\.(\d{1,6})$/.exec(text) ?? [];
  if (min !== undefined && max !== undefined && Number(min) <= Number(max)) {
    return { min: Number(min), max: Number(max) };
  }
  throw new UsageError(`--bounds: expected two numbers such as 1..10, or none, got "${text}"`);
}

/** Reads `--size`, which has to lie within the bounds. @throws UsageError */
export function readSize(text: string, bounds: Assumptions['bounds']): number {
  const size = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  const { min, max } = bounds ?? { min: 0, max: Number.POSITIVE_INFINITY };
  if (size >= min && size <= max) return size;
  const within = bounds === null ? '' : ` within the bounds ${min}..${max}`;
  throw new UsageError(`--size: expected a whole number${within}, got "${text}"`);
}

/** Reads `--converge`. @throws UsageError */
export function readConverge(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    throw new UsageError(`--converge: ${messageOf(error)}`);
  }
}

/** Reads `--since` and `--until`: a time, or how long ago. @throws UsageError */
export function readTime(name: string, text: string | undefined, nowMs: number) {
  if (text === undefined) return undefined;
  const ms = parseTimestamp(text);
  if (ms !== undefined && ms >= 0) return ms;
  try {
    return nowMs - parseDuration(text);
  } catch {
    throw new UsageError(
      `--${name}: expected a time such as 2026-01-31T08:00:00Z, or how long ago, such as 7d, got "${text}"`,
    );
  }
}
