import type { Keys } from '../ledger/keys.js';
import { type Run, targetsOf } from '../ledger/run.js';
import type { Refusal } from '../ledger/transaction.js';
import { cooldown } from './cooldown.js';
import type { Guard, Hold } from './guard.js';
import { limits } from './limit.js';
import { targetLock } from './target-lock.js';

interface FleetLimit {
  readonly count: number;
  readonly windowMs: number;
}

/**
 * All guards that a run has to pass. A person's run passes only the lock: whoever clicks has seen
 * the state of things, and the bounds hold for people too.
 */
export function guardsFor(
  keys: Keys,
  run: Run,
  fleet: readonly FleetLimit[],
  nowMs: number,
): readonly Guard[] {
  const targets = targetsOf(run);
  const locks = targets.map((target) => targetLock(keys, target, run.id, nowMs));
  if (run.origin.kind === 'person') return locks;
  const { playbook } = run.origin;
  const rests = run.cooldownMs > 0 ? targets : [];
  return [
    ...locks,
    ...rests.map((target) => cooldown(keys, target, run.cooldownMs, nowMs)),
    ...targets.flatMap((target) =>
      limits(
        keys,
        { id: `${playbook}/${target.id}`, name: `${playbook} on ${target.name}` },
        run.limits,
        run.id,
        nowMs,
      ),
    ),
    ...limits(keys, { id: 'fleet', name: 'the whole fleet' }, fleet, run.id, nowMs),
  ];
}

/** What holds the run: of several refusals the one that lifts last. */
export function holdOf(guards: readonly Guard[], refusals: readonly Refusal[]): Hold {
  const holds = refusals.flatMap((refusal) => {
    const guard = guards[refusal.claim];
    return guard === undefined ? [] : [guard.explain(refusal)];
  });
  const [last] = holds.sort((a, b) => b.untilMs - a.untilMs);
  if (last === undefined) throw new Error('a transaction was refused without a refusal');
  return last;
}
