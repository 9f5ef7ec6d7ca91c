import type { Bounds } from './action.js';

/** What a step makes of a size: the absolute size wanted, or why there is none. */
export type CapacityPlan =
  | { readonly kind: 'change'; readonly to: number }
  /** It stands at this bound already, or beyond it. */
  | { readonly kind: 'at_bound'; readonly bound: 'min' | 'max' }
  /** The bound that the step would need is given nowhere. */
  | { readonly kind: 'no_bounds'; readonly missing: 'min' | 'max' };

/** A size, the step to take from it, and the bounds for it. */
export interface CapacityStep {
  readonly current: number;
  /** Above zero is up, below is down. */
  readonly delta: number;
  readonly bounds: Bounds;
}

/**
 * Works out one step of a size. A step up needs a maximum and a step down a minimum; up never shrinks
 * and down never grows. A step that would cross its bound ends on it (4 + 3 with max 5 is 5). A step up
 * from below the minimum goes to the minimum (1 + 1 with min 3 is 3): the owner wants at least that. A
 * step down from above the maximum takes away no more than was asked for (10 - 1 with max 5 is 9).
 * Zero is reached only where the minimum is an explicit zero.
 *
 * @throws RangeError for what is no size, a step of nothing, and bounds that exclude each other.
 */
export function planCapacity({ current, delta, bounds: { min, max } }: CapacityStep): CapacityPlan {
  requireSize('current', current);
  if (min !== undefined) requireSize('min', min);
  if (max !== undefined) requireSize('max', max);
  if (!Number.isSafeInteger(delta) || delta === 0) {
    throw new RangeError(`delta: expected a whole number other than 0, got ${delta}`);
  }
  if (min !== undefined && max !== undefined && min > max) {
    throw new RangeError(`bounds: min ${min} is above max ${max}`);
  }

  if (delta > 0) {
    if (max === undefined) return { kind: 'no_bounds', missing: 'max' };
    if (current >= max) return { kind: 'at_bound', bound: 'max' };
    return { kind: 'change', to: Math.min(Math.max(current + delta, min ?? 0), max) };
  }
  if (min === undefined) return { kind: 'no_bounds', missing: 'min' };
  if (current <= min) return { kind: 'at_bound', bound: 'min' };
  return { kind: 'change', to: Math.max(current + delta, min) };
}

function requireSize(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 0) return;
  throw new RangeError(`${name}: expected a whole number of at least 0, got ${value}`);
}
