import type { Plan } from '../action/action.js';
import type { Hold } from '../guard/guard.js';
import { type Direction, directionOf } from '../guard/pause.js';
import { busyHold } from '../guard/target-lock.js';
import type { Episode } from '../ledger/episode.js';
import {
  createRun,
  isJoinable,
  joinHash,
  type Outlook,
  type Run,
  type RunStep,
} from '../ledger/run.js';
import type { Playbook } from '../playbook/playbook.js';
import type { EngineParts } from './parts.js';
import { reportsResolution } from './silence.js';

/** A run that a playbook wants for an episode. */
export interface Wanted {
  readonly playbook: Playbook;
  readonly steps: readonly RunStep[];
  readonly plan: Plan;
  /** What a person has to have seen before more than that is done; `null`: nobody has. */
  readonly shown: readonly Outlook[] | null;
  /** Why a person is asked first; `null`: nobody is. */
  readonly ask: 'approval' | 'breaker' | null;
}

/** The run with the same playbook and inputs, if there is one. */
export type ExistingRun =
  | { readonly kind: 'none'; readonly hash: string }
  | { readonly kind: 'joinable'; readonly run: Run }
  /** It takes nobody in any more, and the target is not free before it is over. */
  | { readonly kind: 'busy'; readonly hold: Hold }
  /** It is over at this very moment. */
  | { readonly kind: 'ending' };

/** Looks for the run that an episode may join. Changes nothing. */
export async function existingRun(
  { ledger, clock }: EngineParts,
  { playbook, steps }: Wanted,
): Promise<ExistingRun> {
  const hash = joinHash(playbook.name, steps);
  const runId = await ledger.redis.get(ledger.keys.join(hash));
  if (runId === null) return { kind: 'none', hash };
  const run = await ledger.run(runId);
  if (run !== null && isJoinable(run.value)) return { kind: 'joinable', run: run.value };
  const [first] = steps;
  if (run?.value.state === 'ended' || first === undefined) return { kind: 'ending' };
  return { kind: 'busy', hold: busyHold({ target: first.target, runId }, clock.now()) };
}

/** The run as it would begin, or as a person would be asked about it. */
export function newRun(
  { active, ledger }: EngineParts,
  episode: Pick<Episode, 'labels' | 'source'>,
  { playbook, steps, shown, ask }: Wanted,
  nowMs: number,
): Run {
  const { policy } = active();
  const id = ledger.newId();
  return createRun({
    id,
    caseId: id,
    origin: { kind: 'playbook', playbook: playbook.name, hash: playbook.hash },
    labels: episode.labels,
    steps,
    cooldownMs: playbook.guards.cooldownMs,
    limits: playbook.guards.limits,
    channel: playbook.escalate.channel ?? policy.escalate.channel,
    shown,
    verifiable: reportsResolution(episode, policy),
    escalationId: null,
    state: ask === null ? 'planning' : 'awaiting_approval',
    nowMs,
  });
}

/** Which way its first change goes, as far as that is known. */
export function firstDirection({ plan }: Wanted): Direction | null {
  return plan.kind === 'change' ? directionOf(plan) : null;
}
