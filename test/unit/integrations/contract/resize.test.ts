import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Observation } from '../../../../src/integrations/contract/action.js';
import {
  boundFor,
  planResize,
  type SourcedBound,
} from '../../../../src/integrations/contract/resize.js';

const bound = fc.option(
  fc.record<SourcedBound>({ value: fc.nat(20), source: fc.constant('a label') }),
  { nil: undefined },
);
const step = fc.record({
  delta: fc.integer({ min: -5, max: 5 }).filter((delta) => delta !== 0),
  min: bound,
  max: bound,
});

function observed(size: number | string): Observation<unknown> {
  const target = { id: 'test.service/web', name: 'web' };
  return { target, size, unit: 'replicas', version: '7', state: null };
}

test('a size that could not be read never becomes a change', () => {
  const none = fc.constantFrom<number | string>(
    ...[Number.NaN, Number.POSITIVE_INFINITY, -1, 1.5, '', '0', '3', 'global'],
  );
  fc.assert(
    fc.property(none, step, (size, resize) => {
      let kind = 'nothing';
      try {
        kind = planResize(observed(size), resize).kind;
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
      }
      expect(kind).not.toBe('change');
    }),
  );
});

test('a change is from what was observed, in the direction that was asked for, within bounds that were given', () => {
  let changes = 0;
  fc.assert(
    fc.property(fc.nat(20), step, (size, { delta, min, max }) => {
      const plan = planResize(observed(size), { delta, min, max });
      if (plan.kind !== 'change') return;
      changes += 1;
      expect(plan).toMatchObject({ op: { from: size, unit: 'replicas' }, version: '7' });
      expect(delta > 0 ? max : min).toBeDefined();
      expect(Math.sign(plan.op.to - size)).toBe(Math.sign(delta));
      expect(plan.op.to).toBeGreaterThanOrEqual(min?.value ?? 0);
      expect(plan.op.to).toBeLessThanOrEqual(delta > 0 ? (max?.value ?? size) : size);
    }),
  );
  expect(changes).toBeGreaterThan(5);
});

const noFallback = { min: undefined, max: undefined };
const label = (value: number) => ({ value, source: 'label jidoka.scale.max' });

test.each([
  ['the step and the label', 12, label(3), { min: undefined, max: 5 }, 3, 'label jidoka.scale.max'],
  ['a tighter step', 2, label(3), { min: undefined, max: 5 }, 2, 'the step'],
  [
    'the label alone',
    undefined,
    label(12),
    { min: undefined, max: 5 },
    12,
    'label jidoka.scale.max',
  ],
  ['the step alone', 12, undefined, { min: undefined, max: 5 }, 12, 'the step'],
  [
    'the policy, where neither gives one',
    undefined,
    undefined,
    { min: 1, max: 5 },
    5,
    'the policy',
  ],
])('the maximum is that of %s', (_, step, target, fallback, value, source) => {
  expect(boundFor('max', { step, target, fallback })).toEqual({ value, source });
});

test('the minimum is the greater one', () => {
  const target = { value: 2, source: 'label jidoka.scale.min' };
  expect(boundFor('min', { step: 1, target, fallback: noFallback })?.value).toBe(2);
  expect(boundFor('min', { step: 3, target, fallback: noFallback })?.value).toBe(3);
});

describe('a bound that an expression computes', () => {
  const fromExpression = ['min', 'max'];
  const computed = { ...noFallback, fromExpression };

  test('narrows what the target gives, and never widens it', () => {
    expect(boundFor('max', { step: 2, target: label(3), fallback: computed })?.value).toBe(2);
    expect(boundFor('max', { step: 12, target: label(3), fallback: computed })?.value).toBe(3);
    const target = { value: 2, source: 'label jidoka.scale.min' };
    expect(boundFor('min', { step: 0, target, fallback: computed })?.value).toBe(2);
  });

  test("narrows the policy's default, and never widens it", () => {
    const fallback = { min: 1, max: 5, fromExpression };
    expect(boundFor('max', { step: 12, target: undefined, fallback })?.value).toBe(5);
    expect(boundFor('max', { step: 3, target: undefined, fallback })?.value).toBe(3);
    expect(boundFor('min', { step: 0, target: undefined, fallback })?.value).toBe(1);
  });

  test('is none where nothing else bounds that side', () => {
    expect(boundFor('max', { step: 12, target: undefined, fallback: computed })).toBeUndefined();
    expect(boundFor('min', { step: 0, target: undefined, fallback: computed })).toBeUndefined();
  });
});
