import { isCommand } from '../../alertmanager/source.js';
import { draftNotice, subjectOf } from '../../escalation/draft.js';
import type { Disposition, Episode } from '../../ledger/episode.js';
import type { Stored } from '../../ledger/record-reads.js';
import { formatDuration } from '../../lib/time.js';
import type { EngineContext } from '../context/context.js';
import { reportsResolution } from '../episode/inactivity.js';
import { recordEscalated } from './record.js';

/*
 * A source that does not report resolution gets one step. If its alert keeps firing after that,
 * no other worker would say so.
 */

/**
 * The disposition whose run took its step, unverified, `escalate.after` or longer before the alert was
 * last heard of; `null`: there is none, or a person has been told.
 */
export async function stepInVain(
  { ledger, active }: EngineContext,
  episode: Episode,
): Promise<Disposition | null> {
  const { policy } = active();
  const { escalate } = policy;
  if (isCommand(episode.source) || reportsResolution(episode, policy)) return null;
  const { verdicts, lastSeenAtMs } = episode;
  for (const disposition of verdicts) {
    if (disposition.fate !== 'run' || disposition.told || disposition.runId === undefined) continue;
    if (lastSeenAtMs < disposition.atMs + escalate.afterMs) continue;
    const run = await ledger.run(disposition.runId);
    if (run?.value.outcome?.reason === 'unverified') return disposition;
  }
  return null;
}

/** Tells a person; `null`: another worker changed the episode meanwhile. */
export function tellStillFiring(
  context: EngineContext,
  stored: Stored<Episode>,
  disposition: Disposition,
  nowMs: number,
): Promise<Episode | null> {
  const { playbook, atMs, runId } = disposition;
  const channel = context.active().policy.escalate.channel;
  const since = formatDuration(Math.floor((nowMs - atMs) / 60_000) * 60_000);
  const detail = `${playbook} took its step ${since} ago (run ${runId}), and the alert still fires. Its source does not report resolution, so it gets no other step before it has been silent.`;
  return recordEscalated(
    context,
    stored,
    { ...disposition, told: true },
    {
      ...draftNotice('exhausted', stored.value, detail, {
        id: context.ledger.newId(),
        channel,
        expiresAtMs: null,
        nowMs,
      }),
      subject: subjectOf(stored.value, 'exhausted', playbook),
    },
  );
}
