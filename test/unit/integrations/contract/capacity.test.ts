import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CapacityStep, planCapacity } from '../../../../src/integrations/contract/capacity.js';

const none = { min: undefined, max: undefined };

function plan(current: number, delta: number, min?: number, max?: number) {
  return planCapacity({ current, delta, bounds: { min, max } });
}

describe('planning a capacity', () => {
  it('takes the whole step where the bounds leave room for it', () => {
    expect(plan(4, 3, 1, 10)).toEqual({ kind: 'change', to: 7 });
    expect(plan(4, -3, 1, 10)).toEqual({ kind: 'change', to: 1 });
  });

  it('ends on the bound that a step would cross', () => {
    expect(plan(4, 3, undefined, 5)).toEqual({ kind: 'change', to: 5 });
    expect(plan(4, -3, 2)).toEqual({ kind: 'change', to: 2 });
  });

  it('does nothing at a bound', () => {
    expect(plan(5, 1, 1, 5)).toEqual({ kind: 'at_bound', bound: 'max' });
    expect(plan(1, -1, 1, 5)).toEqual({ kind: 'at_bound', bound: 'min' });
  });

  it('does not shrink on the way up where the size is above the ceiling already', () => {
    expect(plan(4, 1, 1, 3)).toEqual({ kind: 'at_bound', bound: 'max' });
  });

  it('does not grow on the way down where the size is below the floor already', () => {
    expect(plan(1, -1, 3, 5)).toEqual({ kind: 'at_bound', bound: 'min' });
  });

  it('goes to the minimum on the way up from below it', () => {
    expect(plan(1, 1, 3, 5)).toEqual({ kind: 'change', to: 3 });
    expect(plan(0, 1, 3, 5)).toEqual({ kind: 'change', to: 3 });
  });

  it('takes away no more than the step from above the maximum', () => {
    expect(plan(9, -1, 3, 5)).toEqual({ kind: 'change', to: 8 });
    expect(plan(9, -2, 8, 8)).toEqual({ kind: 'change', to: 8 });
    expect(plan(6, -3, 3, 5)).toEqual({ kind: 'change', to: 3 });
  });

  it('needs a ceiling to go up and a floor to go down, and no more', () => {
    expect(plan(1, 1, 1)).toEqual({ kind: 'no_bounds', missing: 'max' });
    expect(plan(2, -1, undefined, 5)).toEqual({ kind: 'no_bounds', missing: 'min' });
    expect(planCapacity({ current: 1, delta: 1, bounds: none }).kind).toBe('no_bounds');
    expect(plan(1, 1, undefined, 3)).toEqual({ kind: 'change', to: 2 });
    expect(plan(2, -1, 0)).toEqual({ kind: 'change', to: 1 });
  });

  it('reaches zero only where the floor says zero', () => {
    expect(plan(1, -1, 0)).toEqual({ kind: 'change', to: 0 });
    expect(plan(1, -5, 1)).toEqual({ kind: 'at_bound', bound: 'min' });
  });

  it.each<[string, CapacityStep]>([
    ['a size that is no number', { current: Number.NaN, delta: 1, bounds: none }],
    ['a size below zero', { current: -1, delta: 1, bounds: none }],
    ['half an instance', { current: 1.5, delta: 1, bounds: none }],
    ['a step of nothing', { current: 1, delta: 0, bounds: none }],
    ['a broken step', { current: 1, delta: 0.5, bounds: none }],
    ['an infinite step', { current: 1, delta: Number.POSITIVE_INFINITY, bounds: none }],
    ['a ceiling that is no number', { current: 1, delta: 1, bounds: { min: 1, max: Number.NaN } }],
    ['a floor below zero', { current: 1, delta: -1, bounds: { min: -1, max: 5 } }],
    ['a floor above the ceiling', { current: 1, delta: 1, bounds: { min: 5, max: 4 } }],
  ])('throws at %s', (_, step) => {
    expect(() => planCapacity(step)).toThrow(RangeError);
  });

  const size = fc.oneof(fc.nat(20), fc.maxSafeNat());
  const bound = fc.option(size, { nil: undefined });
  const step = fc
    .record({
      current: size,
      delta: fc.oneof(fc.integer({ min: -20, max: 20 }), fc.maxSafeInteger()),
      min: bound,
      max: bound,
    })
    .filter(({ delta, min, max }) => delta !== 0 && (min ?? 0) <= (max ?? Infinity));

  it('never shrinks on the way up, never grows on the way down, and crosses no bound', () => {
    fc.assert(
      fc.property(step, ({ current, delta, min, max }) => {
        const outcome = planCapacity({ current, delta, bounds: { min, max } });
        if (outcome.kind !== 'change') return;
        expect(Number.isSafeInteger(outcome.to)).toBe(true);
        expect(outcome.to).toBeGreaterThanOrEqual(min ?? 0);
        expect(outcome.to).toBeLessThanOrEqual(Math.max(max ?? current, delta > 0 ? 0 : current));
        expect(Math.sign(outcome.to - current)).toBe(Math.sign(delta));
      }),
    );
  });

  it('never goes further than the step, save up from below the minimum', () => {
    fc.assert(
      fc.property(step, ({ current, delta, min, max }) => {
        fc.pre(delta < 0 || current >= (min ?? 0));
        const outcome = planCapacity({ current, delta, bounds: { min, max } });
        if (outcome.kind !== 'change') return;
        expect(Math.abs(outcome.to - current)).toBeLessThanOrEqual(Math.abs(delta));
      }),
    );
  });

  it('reaches a bound in a number of steps and then stays there', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.integer({ min: 1, max: 7 }), fc.nat(50), (start, by, max) => {
        let current = start;
        for (let count = 0; count <= 50; count += 1) {
          const outcome = plan(current, by, undefined, max);
          if (outcome.kind !== 'change') break;
          current = outcome.to;
        }
        expect(plan(current, by, undefined, max)).toEqual({ kind: 'at_bound', bound: 'max' });
        expect(current).toBe(Math.max(start, max));
      }),
    );
  });
});
