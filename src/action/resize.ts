import { z } from 'zod';
import type { Quantity } from '../target/change.js';
import type { Observation, Plan } from './action.js';
import { planCapacity } from './capacity.js';

/** The parameters that every step shares that changes a size. */
export const resizeParams = {
  by: z
    .int()
    .refine((by) => by !== 0, 'expected a whole number other than 0')
    .optional()
    .describe('How many more, or with a minus how many fewer.'),
  direction: z
    .enum(['up', 'down'])
    .optional()
    .describe('In place of `by`: one step up or down, of the size that the target names, else 1.'),
  min: z.int().min(0).optional().describe('Never below this.'),
  max: z.int().min(0).optional().describe('Never above this.'),
};

/** The values of `resizeParams`. */
export type ResizeParams = z.infer<z.ZodObject<typeof resizeParams>>;

/** Checks what no parameter can tell alone: exactly one of `by` and `direction`, and bounds that leave room. */
export function checkResize(params: ResizeParams, context: z.RefinementCtx): void {
  if ((params.by === undefined) === (params.direction === undefined)) {
    const path = params.by === undefined ? [] : ['by'];
    const message = 'expected exactly one of "by" (a number) and "direction" (up or down)';
    context.addIssue({ code: 'custom', path, message });
  }
  if (params.min !== undefined && params.max !== undefined && params.min > params.max) {
    const message = `min ${params.min} is above max ${params.max}`;
    context.addIssue({ code: 'custom', path: ['min'], message });
  }
  if (params.max === 0 && (params.direction === 'up' || (params.by ?? 0) > 0)) {
    const message = 'max 0 leaves no room for a step up: expected at least 1';
    context.addIssue({ code: 'custom', path: ['max'], message });
  }
}

/** A bound and where it was given, so that a decision can say why. */
export interface SourcedBound {
  readonly value: number;
  /** `label com.df.scaleMax`, `the step`. */
  readonly source: string;
}

/** The bounds that hold for a size. */
export interface SourcedBounds {
  readonly min: SourcedBound | undefined;
  readonly max: SourcedBound | undefined;
}

/** One step of a size, and the bounds that hold for it. */
export interface Resize extends SourcedBounds {
  /** Above zero is up, below is down. */
  readonly delta: number;
}

/**
 * Plans one step of the observed size and puts the outcome into words.
 *
 * @throws RangeError if the observed size is none.
 */
export function planResize(
  { target, size, unit, version }: Observation<unknown>,
  { delta, min, max }: Resize,
): Plan {
  if (min !== undefined && max !== undefined && min.value > max.value) {
    const detail =
      `${target.name}: min ${min.value} (${min.source}) is above max ${max.value} (${max.source}); ` +
      'no size satisfies both';
    return { kind: 'refused', reason: 'unsupported', detail };
  }

  const current = typeof size === 'number' ? size : Number.NaN;
  const bounds = { min: min?.value, max: max?.value };
  const plan = planCapacity({ current, delta, bounds });
  if (plan.kind === 'no_bounds') {
    const detail = `${target.name}: no ${plan.missing} is given for its ${unit}`;
    return { kind: 'refused', reason: 'no_bounds', detail };
  }
  if (plan.kind === 'at_bound') {
    const bound = plan.bound === 'max' ? max : min;
    const detail = `${target.name} has ${size} ${unit}; its ${plan.bound} is ${bound?.value} (${bound?.source})`;
    return { kind: 'at_bound', bound: plan.bound, detail };
  }
  return { kind: 'change', target, from: size, to: plan.to, unit, version };
}

/** Plans the size `to`; one that a bound forbids by now, or that is no other size, is refused. */
export function planSize(
  { target, size, unit, version }: Observation<unknown>,
  to: Quantity,
  { min, max }: SourcedBounds,
): Plan {
  const refuse = (why: string): Plan => ({
    kind: 'refused',
    reason: 'unsupported',
    detail: `${target.name} is not set from ${size} to ${to} ${unit}: ${why}`,
  });
  if (typeof to !== 'number' || !Number.isSafeInteger(to) || to < 0)
    return refuse('that is no size');
  if (to === size) return refuse('it is that already');
  if (min !== undefined && to < min.value) return refuse(`its min is ${min.value} (${min.source})`);
  if (max !== undefined && to > max.value) return refuse(`its max is ${max.value} (${max.source})`);
  return { kind: 'change', target, from: size, to, unit, version };
}
