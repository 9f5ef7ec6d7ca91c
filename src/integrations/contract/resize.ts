import { z } from 'zod';
import type { Observation, Plan, PlanBounds } from './action.js';
import { planCapacity } from './capacity.js';
import type { TargetState } from './change.js';
import { type ResizeOperation, resize } from './operation.js';

/** The parameters that every step shares that changes a size. */
export const resizeParams = {
  by: z
    .int()
    .refine((by) => by !== 0, 'expected a whole number other than 0')
    .optional()
    .describe('How many to add. A negative number removes.'),
  direction: z
    .enum(['up', 'down'])
    .optional()
    .describe(
      'Instead of `by`: one step up or down. The size of the step is a label of the target. Default: 1.',
    ),
  min: z.int().min(0).optional().describe('The minimum.'),
  max: z.int().min(0).optional().describe('The maximum.'),
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

/** Who gives a bound of a size. */
interface BoundGivers {
  readonly step: number | undefined;
  /** The bound that the target itself gives. */
  readonly target: SourcedBound | undefined;
  readonly fallback: PlanBounds;
}

/**
 * Returns the bound that holds for one side of a size; `undefined`: none does. Of those that the step
 * and the target give, the tighter one; the policy's where neither gives one. A bound of the step that
 * an expression computed narrows one of those, and is none by itself: an alert sets no bounds.
 */
export function boundFor(side: 'min' | 'max', givers: BoundGivers): SourcedBound | undefined {
  const { step, target, fallback } = givers;
  const own: SourcedBound | undefined =
    step === undefined ? undefined : { value: step, source: 'the step' };
  const isComputed = fallback.fromExpression?.includes(side) === true;
  const policy = fallback[side];
  const byDefault: SourcedBound | undefined =
    policy === undefined ? undefined : { value: policy, source: 'the policy' };
  const fixed = tighter(side, isComputed ? undefined : own, target) ?? byDefault;
  return isComputed && fixed !== undefined ? tighter(side, fixed, own) : fixed;
}

/** Returns the narrower of two bounds of one side; the one that there is where the other is missing. */
export function tighter(
  side: 'min' | 'max',
  a: SourcedBound | undefined,
  b: SourcedBound | undefined,
): SourcedBound | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const isNarrower = side === 'min' ? b.value > a.value : b.value < a.value;
  return isNarrower ? b : a;
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
): Plan<ResizeOperation> {
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
    const detail = `${target.name}: no ${plan.missing} is set for its ${unit}`;
    return { kind: 'refused', reason: 'no_bounds', detail };
  }
  if (plan.kind === 'at_bound') {
    const bound = plan.bound === 'max' ? max : min;
    const detail = `${target.name} has ${size} ${unit}; its ${plan.bound} is ${bound?.value} (${bound?.source})`;
    return { kind: 'at_bound', bound: plan.bound, detail };
  }
  const op: ResizeOperation = { kind: 'resize', from: current, to: plan.to, unit };
  return { kind: 'change', target, op, version };
}

/** Plans the size `to`; one that a bound forbids by now, or that is no other size, is refused. */
export function planSize(
  { target, size, unit, version }: Observation<unknown>,
  to: TargetState,
  { min, max }: SourcedBounds,
): Plan<ResizeOperation> {
  const refuse = (why: string): Plan<ResizeOperation> => ({
    kind: 'refused',
    reason: 'unsupported',
    detail: `${target.name} is not set from ${JSON.stringify(size)} to ${JSON.stringify(to)} ${unit}: ${why}`,
  });
  const read = resize.schema.safeParse({ kind: 'resize', from: size, to, unit });
  if (!read.success || typeof to !== 'number') return refuse('that is no size');
  if (to === size) return refuse('it is that already');
  if (min !== undefined && to < min.value) return refuse(`its min is ${min.value} (${min.source})`);
  if (max !== undefined && to > max.value) return refuse(`its max is ${max.value} (${max.source})`);
  return { kind: 'change', target, op: read.data, version };
}
