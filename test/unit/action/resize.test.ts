import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Observation } from '../../../src/action/action.js';
import { planResize, type SourcedBound } from '../../../src/action/resize.js';

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
      expect(plan).toMatchObject({ from: size, version: '7', unit: 'replicas' });
      expect(delta > 0 ? max : min).toBeDefined();
      expect(Math.sign(Number(plan.to) - size)).toBe(Math.sign(delta));
      expect(plan.to).toBeGreaterThanOrEqual(min?.value ?? 0);
      expect(plan.to).toBeLessThanOrEqual(max?.value ?? size);
    }),
  );
  expect(changes).toBeGreaterThan(5);
});
