import type { Guard, Hold } from '../../guard/guard.js';
import { holdOf } from '../../guard/guards.js';
import type { Refusal } from '../../ledger/transaction.js';
import type { InTheWay } from './explanation.js';

/** What is in the way of a run, and how admission would hold it; `hold` is `null` where nothing is. */
export interface Obstacles {
  readonly heldBy: readonly InTheWay[];
  readonly hold: Hold | null;
}

/**
 * What the answers to a probe mean. A probe tells more than admission would get to: of several pauses
 * admission meets the first, and it asks for room in the blast radius only if nothing else is in the way.
 */
export function obstaclesOf(guards: readonly Guard[], refusals: readonly Refusal[]): Obstacles {
  const heldBy = refusals.flatMap((refusal): InTheWay[] => {
    const guard = guards[refusal.claim];
    if (guard === undefined) return [];
    const { reason, detail, untilMs } = guard.explain(refusal);
    // a window reckons its end itself; all others that say no time are asked again and again
    const liftsAtMs = reason === 'window' ? untilMs : refusal.untilMs;
    return [{ reason, detail: guard.wouldTrip ?? detail, liftsAtMs }];
  });
  const met = refusals.filter(
    ({ claim }, index) => refusals.findIndex((other) => other.claim === claim) === index,
  );
  const [first] = met;
  const isRadius = ({ claim }: Refusal) => guards[claim]?.claim.kind === 'radius';
  const counting = met.filter((refusal) => refusal === first || !isRadius(refusal));
  return { heldBy, hold: counting.length === 0 ? null : holdOf(guards, counting) };
}
