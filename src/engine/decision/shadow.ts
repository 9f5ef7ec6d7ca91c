import { setTimeout as sleep } from 'node:timers/promises';
import { holdOf } from '../../guard/guards.js';
import { type Episode, startedAtMs } from '../../ledger/episode.js';
import type { Stored } from '../../ledger/record-reads.js';
import { conflict, retryOnConflict } from '../../ledger/retry-on-conflict.js';
import { messageOf } from '../../lib/errors.js';
import type { ExpressionInput } from '../../playbook/expression.js';
import type { Playbook } from '../../playbook/playbook.js';
import type { EngineContext } from '../context/context.js';
import { type Resolution, resolve, type TargetReader } from '../reading/resolve.js';
import { firstDirection, newRun } from '../run/new-run.js';
import { guardsOf } from '../run/run-guards.js';
import { type Decision, decideShadow } from './decide.js';
import { recordDisposition } from './record.js';

/*
 * What playbooks in shadow would have done: worked out before the others act, so that it is about the
 * same state of things, and recorded after them. Targets are read, guards are asked; nothing is taken.
 */

/** How long those that act wait at most for what those in shadow are reading. */
const patienceMs = 1_000;

/** A playbook in shadow, and what it would have done in a sentence. */
export interface Prediction {
  readonly playbook: Playbook;
  readonly detail: Promise<string>;
}

/** The playbooks in shadow that have not shown yet what they would do about this episode, nor acted on it. */
export function unpredicted(
  { verdicts }: Episode,
  shadows: readonly Playbook[],
): readonly Playbook[] {
  const spoken = verdicts.filter(({ fate }) => fate !== 'held');
  return shadows.filter(({ name }) => !spoken.some(({ playbook }) => playbook === name));
}

/**
 * Works out what playbooks in shadow would do about an episode. Comes back when that is known, or is
 * taking too long: nothing real is kept waiting by a trial.
 */
export async function predictShadow(
  context: EngineContext,
  episode: Episode,
  shadows: readonly Playbook[],
  input: ExpressionInput,
  reader: TargetReader,
): Promise<readonly Prediction[]> {
  if (shadows.length === 0) return [];
  const predictions = shadows.map((playbook) => ({
    playbook,
    detail: wouldDo(context, episode, playbook, input, reader).catch(
      (error: unknown) => `Jidoka could not predict what it would do: ${messageOf(error)}`,
    ),
  }));
  const all = Promise.all(predictions.map(({ detail }) => detail));
  const known = new AbortController();
  const patience = sleep(patienceMs, undefined, { ref: false, signal: known.signal });
  await Promise.race([all, patience]);
  known.abort();
  return predictions;
}

/** Records each prediction once in an episode that still fires. */
export async function recordPrediction(
  context: EngineContext,
  identity: string,
  predictions: readonly Prediction[],
): Promise<void> {
  for (const { playbook, detail } of predictions) {
    const disposition = {
      playbook: playbook.name,
      fate: 'shadow',
      reason: 'matched',
      detail: await detail,
      atMs: context.clock.now(),
    } as const;
    const record = async () => {
      const [stored] = await context.ledger.episodes([identity]);
      if (stored == null || !isDue(stored, playbook)) return null;
      return (await recordDisposition(context, stored, disposition)) ?? conflict;
    };
    await retryOnConflict(`episode ${identity}`, record, { maxAttempts: 5, giveUp: () => null });
  }
}

function isDue({ value }: Stored<Episode>, playbook: Playbook): boolean {
  return value.state === 'open' && unpredicted(value, [playbook]).length > 0;
}

async function wouldDo(
  context: EngineContext,
  episode: Episode,
  playbook: Playbook,
  input: ExpressionInput,
  reader: TargetReader,
): Promise<string> {
  const { policy } = context.active();
  const resolutions = new Map<string, Resolution>();
  if (!playbook.ignore) {
    const { bounds } = policy;
    const about = { bounds, startedAtMs: startedAtMs(episode) };
    resolutions.set(playbook.name, await resolve(playbook, input, reader, about));
  }
  const { detail, would } = decideShadow(playbook, {
    episode,
    resolutions,
    policy,
    openBreakers: new Set(),
    nowMs: context.clock.now(),
  });
  if (would?.kind !== 'run' || would.plan.kind !== 'change') return detail;
  const hold = await wouldHold(context, episode, would);
  return hold === null ? detail : `${detail}; ${hold.reason} would defer it: ${hold.detail}`;
}

/** What would hold a run like this back at present; `null`: nothing. */
async function wouldHold(
  context: EngineContext,
  episode: Episode,
  decision: Extract<Decision, { kind: 'run' }>,
) {
  const nowMs = context.clock.now();
  const wanted = { ...decision, shown: null, ask: null };
  const run = newRun(context, episode, wanted, nowMs);
  const guards = guardsOf(context, run, firstDirection(wanted), nowMs);
  const refusals = await context.ledger.probe(
    guards.map(({ claim }) => claim),
    nowMs,
  );
  return refusals.length === 0 ? null : holdOf(guards, refusals);
}
