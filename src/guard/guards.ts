import type { Change } from '../integrations/contract/change.js';
import type { Keys } from '../ledger/keys.js';
import { isAutomatic, locksOf, type Run, type RunLimit, targetsOf } from '../ledger/run.js';
import type { Refusal } from '../ledger/transaction.js';
import { type BlastRadius, notTripped, type TripReport, withinRadius } from './blast-radius.js';
import { cooldown } from './cooldown.js';
import type { Guard, Hold } from './guard.js';
import { limits } from './limit.js';
import { type Direction, directionOf, pause } from './pause.js';
import { targetLock } from './target-lock.js';
import { openWindows, type Window } from './window.js';

/** What the policy says to the guards. */
export interface GuardPolicy {
  readonly limits: {
    readonly fleet: readonly RunLimit[];
    readonly playbook: readonly RunLimit[];
    readonly target: readonly RunLimit[];
  };
  readonly windows: readonly Window[];
  readonly blastRadius: BlastRadius;
}

/** What the guards of a run are made from. */
export interface GuardInput {
  readonly keys: Keys;
  readonly run: Run;
  /** Which way its first change goes, as far as that is known. */
  readonly direction: Direction | null;
  readonly policy: GuardPolicy;
  readonly fleetSize: (kind: string) => number | null;
  readonly reportTrip: (detail: string) => TripReport;
  readonly nowMs: number;
}

/**
 * All guards that a run has to pass before it begins. A person's run passes only the lock and the
 * pauses: anyone who clicks has seen the state of things, and the bounds hold for people too. Windows
 * and blast radius hold what is automatic; a run that a person approved is not.
 */
export function guardsFor(input: GuardInput): readonly Guard[] {
  const { keys, run, policy, nowMs } = input;
  const targets = targetsOf(run);
  const playbook = playbookOf(run);
  const first = [
    ...locksOf(run).map((target) => targetLock(keys, target, run.id, nowMs)),
    pause(keys, { playbook, targets, direction: input.direction }, nowMs),
  ];
  if (playbook === null) return first;
  const rests = run.cooldownMs > 0 ? targets : [];
  const counted = (id: string, name: string, windows: readonly RunLimit[]) =>
    limits(keys, { id, name }, windows, run.id, nowMs);
  const always = [
    ...first,
    ...rests.map((target) => cooldown(keys, target, run.cooldownMs, nowMs)),
    ...targets.flatMap(({ id, name }) => [
      ...counted(`${playbook}/${id}`, `${playbook} on ${name}`, run.limits),
      ...counted(`target:${id}`, name, policy.limits.target),
    ]),
    ...counted(`playbook:${playbook}`, playbook, policy.limits.playbook),
    ...counted('fleet', 'the whole fleet', policy.limits.fleet),
  ];
  if (!isAutomatic(run)) return always;
  const { fleetSize, reportTrip } = input;
  const radius = policy.blastRadius;
  return [
    ...always,
    ...openWindows(policy.windows, playbook, nowMs),
    notTripped(keys, nowMs),
    ...withinRadius(keys, { radius, targets, fleetSize, reportTrip, nowMs }),
  ];
}

/**
 * The guards that may still stop a run that has begun, right before it changes something. `plan` is what
 * the change is a part of: a pause of the group also holds what is done to its nodes.
 */
export function guardsBeforeChange(
  keys: Keys,
  run: Run,
  change: Change,
  windows: readonly Window[],
  nowMs: number,
  plan: Change = change,
): readonly Guard[] {
  const playbook = playbookOf(run);
  const targets = plan === change ? [change.target] : [plan.target, change.target];
  const about = { playbook, targets, direction: directionOf(plan) };
  const paused = pause(keys, about, nowMs);
  if (playbook === null || !isAutomatic(run)) return [paused];
  return [paused, ...openWindows(windows, playbook, nowMs), notTripped(keys, nowMs)];
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

function playbookOf({ origin }: Run): string | null {
  return origin.kind === 'playbook' ? origin.playbook : null;
}
