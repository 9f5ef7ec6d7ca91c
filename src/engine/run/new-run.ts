import { groupOf } from '../../escalation/draft.js';
import type { Hold } from '../../guard/guard.js';
import { type Direction, directionOf } from '../../guard/pause.js';
import { busyHold } from '../../guard/target-lock.js';
import type { Plan } from '../../integrations/contract/action.js';
import type { Episode } from '../../ledger/episode.js';
import type { Reason } from '../../ledger/reason.js';
import {
  createRun,
  holdsLocks,
  isJoinable,
  type Preview,
  type Run,
  type RunStep,
} from '../../ledger/run.js';
import type { Playbook } from '../../playbook/playbook.js';
import type { Policy } from '../../playbook/policy.js';
import type { EngineContext } from '../context/context.js';
import { reportsResolution } from '../episode/inactivity.js';

/** Why a person is asked before a run acts. */
export type AskReason = Extract<Reason, 'approval' | 'breaker' | 'before_ledger'>;

/** A run that a playbook wants for an episode. */
export interface Wanted {
  readonly playbook: Playbook;
  readonly steps: readonly RunStep[];
  readonly plan: Plan;
  /** What a person has to have seen before more than that is done; `null`: no one has. */
  readonly shown: readonly Preview[] | null;
  /** Why a person is asked first; `null`: no one is. */
  readonly ask: AskReason | null;
  /** Where the owner of its target wants to be told, if that is said. */
  readonly ownChannel?: string | undefined;
}

/** The run with the same playbook and inputs, if there is one. */
export type ExistingRun =
  | {
      readonly kind: 'none';
      /** When the target of its first step was changed last; `null`: not for as long as anybody asks. */
      readonly changedMs: number | null;
    }
  | { readonly kind: 'joinable'; readonly run: Run }
  /** It does not take this episode in, and the target is not free before it is over. */
  | { readonly kind: 'busy'; readonly hold: Hold }
  /** It is over at this very moment. */
  | { readonly kind: 'ending' };

/**
 * Looks for the run that an episode may join. Changes nothing.
 *
 * @param hash what the run and the episode have in common: `joinHash`
 */
export async function existingRun(
  { ledger, clock, active }: EngineContext,
  episode: Pick<Episode, 'source'>,
  { playbook, steps }: Wanted,
  hash: string,
): Promise<ExistingRun> {
  const [first] = steps;
  if (first === undefined) throw new Error(`playbook ${playbook.name} has no steps`);
  const { target } = first;
  const { keys, redis } = ledger;
  const [runId, changed] = await redis.mget([keys.join(hash), keys.changed(target.id)]);
  if (runId == null) return { kind: 'none', changedMs: changed == null ? null : Number(changed) };
  const run = await ledger.run(runId);
  if (run === null || run.value.state === 'ended') return { kind: 'ending' };
  // one waits for its alerts to resolve, the other one for its target: neither may end the other's way
  const isAlike = isAlikeIn(run.value, episode, active().policy);
  if (isAlike && isJoinable(run.value)) return { kind: 'joinable', run: run.value };
  if (isAlike || holdsLocks(run.value)) {
    return { kind: 'busy', hold: busyHold({ target, runId }, clock.now()) };
  }
  const detail = `run ${runId} is to work on ${target.name} first`;
  return {
    kind: 'busy',
    hold: { reason: 'target_busy', detail, untilMs: clock.now() + askAgainMs },
  };
}

/** Whether both, or neither, wait for someone to say that the alert has resolved. */
export function isAlikeIn(
  { verifiable }: Pick<Run, 'verifiable'>,
  episode: Pick<Episode, 'source'>,
  policy: Policy,
): boolean {
  return verifiable === reportsResolution(episode, policy);
}

/** How often it is looked whether a run that has not begun its work is over. */
const askAgainMs = 60_000;

/** The run as it would begin, or as a person would be asked about it. */
export function newRun(
  { active, ledger }: EngineContext,
  episode: Pick<Episode, 'labels' | 'source' | 'groupKey' | 'manual'>,
  { playbook, steps, shown, ask, ownChannel }: Wanted,
  nowMs: number,
): Run {
  const { policy } = active();
  const id = ledger.newId();
  const channel = playbook.escalate.channel ?? ownChannel ?? policy.escalate.channel;
  return createRun({
    id,
    caseId: id,
    origin: { kind: 'playbook', playbook: playbook.name, hash: playbook.hash },
    labels: episode.labels,
    manual: requestOf(episode),
    steps,
    cooldownMs: playbook.guards.cooldownMs,
    limits: playbook.guards.limits,
    channel,
    group: groupOf(episode, channel),
    shown,
    verifiable: reportsResolution(episode, policy),
    escalationId: null,
    state: ask === null ? 'planning' : 'awaiting_approval',
    nowMs,
  });
}

function requestOf({ manual }: Pick<Episode, 'manual'>): Run['manual'] {
  return manual && { by: manual.by, why: manual.why };
}

/** Which way its first change goes, as far as that is known. */
export function firstDirection({ plan }: Wanted): Direction | null {
  return plan.kind === 'change' ? directionOf(plan) : null;
}
