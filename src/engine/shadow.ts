import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../errors.js';
import { holdOf } from '../guard/guards.js';
import type { Episode } from '../ledger/episode.js';
import type { Stored } from '../ledger/reads.js';
import type { ExpressionInput, Playbook } from '../playbook/playbook.js';
import { decideShadow, type Ruling } from './decide.js';
import { firstDirection, newRun } from './new-run.js';
import type { EngineParts } from './parts.js';
import { recordVerdict } from './record.js';
import { type Resolution, resolve, type TargetReader } from './resolve.js';
import { guardsOf } from './run-guards.js';

/*
 * What playbooks in shadow would have done: worked out before the others act, so that it is about the
 * same state of things, and recorded after them. Targets are read, guards are asked; nothing is taken.
 */

/** How long those that act wait at most for what those in shadow are reading. */
const patienceMs = 1_000;
const mostConflicts = 5;

/** A playbook in shadow, and what it would have done in a sentence. */
export interface Foretold {
  readonly playbook: Playbook;
  readonly detail: Promise<string>;
}

/** The playbooks in shadow that have not shown yet what they would do about this episode, nor acted on it. */
export function unshown({ verdicts }: Episode, shadows: readonly Playbook[]): readonly Playbook[] {
  const spoken = verdicts.filter(({ fate }) => fate !== 'held');
  return shadows.filter(({ name }) => !spoken.some(({ playbook }) => playbook === name));
}

/**
 * Works out what playbooks in shadow would do about an episode. Comes back when that is known, or is
 * taking too long: nothing real is kept waiting by a trial.
 */
export async function foretell(
  parts: EngineParts,
  episode: Episode,
  shadows: readonly Playbook[],
  input: ExpressionInput,
  observe: TargetReader,
): Promise<readonly Foretold[]> {
  if (shadows.length === 0) return [];
  const foretold = shadows.map((playbook) => ({
    playbook,
    detail: wouldDo(parts, episode, playbook, input, observe).catch(
      (error: unknown) => `what it would have done could not be worked out: ${messageOf(error)}`,
    ),
  }));
  const all = Promise.all(foretold.map(({ detail }) => detail));
  const known = new AbortController();
  const patience = sleep(patienceMs, undefined, { ref: false, signal: known.signal });
  await Promise.race([all, patience]);
  known.abort();
  return foretold;
}

/** Records what was foretold, each once in an episode that still fires. */
export async function recordForetold(
  parts: EngineParts,
  identity: string,
  foretold: readonly Foretold[],
): Promise<void> {
  for (const { playbook, detail } of foretold) {
    const verdict = {
      playbook: playbook.name,
      fate: 'shadow',
      reason: 'matched',
      detail: await detail,
      atMs: parts.clock.now(),
    } as const;
    for (let conflicts = 0; conflicts < mostConflicts; conflicts += 1) {
      const [stored] = await parts.ledger.episodes([identity]);
      if (stored == null || !isDue(stored, playbook)) break;
      if ((await recordVerdict(parts, stored, verdict)) !== null) break;
    }
  }
}

function isDue({ value }: Stored<Episode>, playbook: Playbook): boolean {
  return value.state === 'open' && unshown(value, [playbook]).length > 0;
}

async function wouldDo(
  parts: EngineParts,
  episode: Episode,
  playbook: Playbook,
  input: ExpressionInput,
  observe: TargetReader,
): Promise<string> {
  const { policy } = parts.active();
  const resolutions = new Map<string, Resolution>();
  if (!playbook.ignore) {
    resolutions.set(playbook.name, await resolve(playbook, input, observe, policy.bounds));
  }
  const { detail, would } = decideShadow(playbook, {
    episode,
    resolutions,
    policy,
    openBreakers: new Set(),
    nowMs: parts.clock.now(),
  });
  if (would?.kind !== 'run' || would.plan.kind !== 'change') return detail;
  const hold = await wouldHold(parts, episode, would);
  return hold === null ? detail : `${detail}; ${hold.reason} would have held it: ${hold.detail}`;
}

/** What would hold a run like this back at present; `null`: nothing. */
async function wouldHold(
  parts: EngineParts,
  episode: Episode,
  ruling: Extract<Ruling, { kind: 'run' }>,
) {
  const nowMs = parts.clock.now();
  const wanted = { ...ruling, shown: null, ask: null };
  const run = newRun(parts, episode, wanted, nowMs);
  const guards = guardsOf(parts, run, firstDirection(wanted), nowMs);
  const refusals = await parts.ledger.probe(
    guards.map(({ claim }) => claim),
    nowMs,
  );
  return refusals.length === 0 ? null : holdOf(guards, refusals);
}
