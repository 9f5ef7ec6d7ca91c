import { isCommand } from '../alert/source.js';
import { draftNotice, subjectOf } from '../escalation/draft.js';
import type { Episode, Verdict } from '../ledger/episode.js';
import type { Stored } from '../ledger/reads.js';
import { formatDuration } from '../time.js';
import type { EngineParts } from './parts.js';
import { recordEscalated } from './record.js';
import { reportsResolution } from './silence.js';

/*
 * A source that does not report resolution gets one step. If its alert goes on firing after that,
 * nobody else would say so.
 */

/**
 * The verdict whose run took its step, unverified, `escalate.after` or longer before the alert was
 * last heard of; `null`: there is none, or a person has been told.
 */
export async function stepInVain(
  { ledger, active }: EngineParts,
  episode: Episode,
): Promise<Verdict | null> {
  const { policy } = active();
  const { escalate } = policy;
  if (isCommand(episode.source) || reportsResolution(episode, policy)) return null;
  const { verdicts, lastSeenAtMs } = episode;
  for (const verdict of verdicts) {
    if (verdict.fate !== 'run' || verdict.told || verdict.runId === undefined) continue;
    if (lastSeenAtMs < verdict.atMs + escalate.afterMs) continue;
    const run = await ledger.run(verdict.runId);
    if (run?.value.outcome?.reason === 'unverified') return verdict;
  }
  return null;
}

/** Tells a person; `null`: somebody else changed the episode meanwhile. */
export function tellStillFiring(
  parts: EngineParts,
  stored: Stored<Episode>,
  verdict: Verdict,
  nowMs: number,
): Promise<Episode | null> {
  const { playbook, atMs, runId } = verdict;
  const channel = parts.active().policy.escalate.channel;
  const since = formatDuration(Math.floor((nowMs - atMs) / 60_000) * 60_000);
  const detail = `${playbook} took its step ${since} ago (run ${runId}), and the alert still fires. Its source does not report resolution, so it gets no other step before it has been silent.`;
  return recordEscalated(
    parts,
    stored,
    { ...verdict, told: true },
    {
      ...draftNotice('exhausted', stored.value, detail, {
        id: parts.ledger.newId(),
        channel,
        expiresAtMs: null,
        nowMs,
      }),
      subject: subjectOf(stored.value, 'exhausted', playbook),
    },
  );
}
