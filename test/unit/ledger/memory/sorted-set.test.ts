import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSortedSet } from '../../../../src/ledger/memory/sorted-set.js';

const change = fc.record({
  member: fc.integer({ min: 0, max: 2_000 }).map((number) => `m${number}`),
  score: fc.option(fc.integer({ min: 0, max: 300 }), { nil: null }),
});

test('whatever is set and removed, a sorted set holds what a plain list sorted anew would', () => {
  fc.assert(
    fc.property(
      fc.array(change, { minLength: 500, maxLength: 3_000 }),
      fc.integer({ min: -1, max: 301 }),
      fc.integer({ min: 0, max: 300 }),
      (changes, min, max) => {
        const sorted = createSortedSet();
        const plain = new Map<string, number>();
        for (const { member, score } of changes) {
          if (score === null) {
            expect(sorted.remove(member)).toBe(plain.delete(member));
          } else {
            sorted.set(member, score);
            plain.set(member, score);
          }
        }
        const expected = [...plain]
          .map(([member, score]) => ({ member, score }))
          .sort((a, b) => a.score - b.score || (a.member < b.member ? -1 : 1));
        expect(sorted.above(Number.NEGATIVE_INFINITY)).toEqual(expected);
        expect(sorted.size).toBe(expected.length);
        expect(sorted.first()).toEqual(expected[0]);
        const between = expected.filter(({ score }) => score > min && score <= max);
        expect(sorted.above(min, max)).toEqual(between);
        expect(sorted.above(min, max, 3)).toEqual(between.slice(0, 3));
        expect(sorted.countAbove(min)).toBe(expected.filter(({ score }) => score > min).length);
      },
    ),
    { numRuns: 40 },
  );
});
