import type { Outlook } from '../ledger/run.js';
import { describeOutlook } from './describe.js';

/**
 * What a person is to confirm before steps are let go, in a sentence; `undefined`: nothing in them is
 * risky, and one click does it. Risky is what takes away, what more than doubles in one change, and
 * whatever is no size (a restart, a node that is drained). Pure.
 */
export function riskOf(steps: readonly Pick<Outlook, 'name' | 'unit' | 'does' | 'from' | 'to'>[]) {
  const consequences = new Set(
    steps.flatMap(({ unit, from, to }) => consequencesOf(unit, [from, ...to])),
  );
  if (consequences.size === 0) return undefined;
  const outlook = describeOutlook(steps.map((step) => ({ detail: '', ...step })));
  const verb = steps[0]?.does === undefined ? 'takes' : 'would';
  return `This ${verb} ${outlook}. ${[...consequences].join(' ')}`;
}

function consequencesOf(unit: string, states: readonly Outlook['from'][]): string[] {
  return states.slice(1).flatMap((to, index) => {
    const from = states[index];
    if (typeof from !== 'number' || typeof to !== 'number') {
      const isCall = unit === 'calls';
      return [isCall ? 'A call cannot be taken back.' : 'What runs there is disturbed.'];
    }
    if (to < from) return ['What is taken away stops.'];
    return to > 2 * from && to - from > 1 ? ['It more than doubles at once.'] : [];
  });
}
