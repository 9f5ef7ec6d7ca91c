import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isolate } from '../../../../src/cli/prometheus/isolate.js';

it('finds exactly the rules that are refused, and never takes away one that was taken', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.nat(200), { maxLength: 40 }),
      fc.uniqueArray(fc.nat(200), { maxLength: 10 }),
      fc.nat(40),
      async (rules, wrong, split) => {
        const taken = rules.slice(0, split).filter((rule) => !wrong.includes(rule));
        const added = rules.filter((rule) => !taken.includes(rule));
        let inForce: readonly number[] = taken;
        const found = await isolate(taken, added, async (some) => {
          if (some.some((rule) => wrong.includes(rule))) return false;
          expect(taken.filter((rule) => !some.includes(rule))).toEqual([]);
          inForce = some;
          return true;
        });
        expect([...(found?.loaded ?? [])].sort()).toEqual(
          rules.filter((rule) => !wrong.includes(rule)).sort(),
        );
        expect([...(found?.refused ?? [])].sort()).toEqual(
          rules.filter((rule) => wrong.includes(rule)).sort(),
        );
        expect([...inForce].sort()).toEqual([...(found?.loaded ?? [])].sort());
      },
    ),
  );
});

it('gives Prometheus a thousand rules with one that is refused in some twenty steps', async () => {
  let steps = 0;
  const rules = Array.from({ length: 1_000 }, (_, index) => index);
  await isolate<number>([], rules, async (some) => {
    steps += 1;
    return !some.includes(777);
  });
  expect(steps).toBeLessThanOrEqual(24);
});

it('does not blame rules where Prometheus refuses an empty file too', async () => {
  expect(await isolate([1], [2], async () => false)).toBeNull();
  expect(await isolate([], [], async () => false)).toBeNull();
});

it('sorts all of them where another Prometheus refuses what the earlier one took', async () => {
  const found = await isolate([1, 2], [3], async (some) => !some.includes(2));
  expect(found).toEqual({ loaded: [1, 3], refused: [2] });
});
