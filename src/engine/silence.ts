import { close, type Episode } from '../ledger/episode.js';
import type { Stored } from '../ledger/reads.js';
import { closingWrites } from './cases.js';
import type { EngineParts } from './parts.js';

/** Whether an episode of a source that does not report resolution has been silent for long enough. */
export function isSilent({ active }: EngineParts, episode: Episode, nowMs: number): boolean {
  const { sendResolved, closeAfterMs } = active().policy.alertmanager;
  return !sendResolved && episode.lastSeenAtMs + closeAfterMs <= nowMs;
}

/** Closes it; `false`: somebody else changed it meanwhile. */
export async function closeSilent(
  parts: EngineParts,
  stored: Stored<Episode>,
  nowMs: number,
): Promise<boolean> {
  const { ledger } = parts;
  const closed = close(stored.value, nowMs);
  const save = ledger.saveEpisode(stored, closed);
  const result = await ledger.commit({
    checks: [save.check],
    writes: [
      ...save.writes,
      ...closingWrites(parts, closed, nowMs),
      ledger.audit({
        atMs: nowMs,
        subject: 'episode',
        id: closed.id,
        event: 'closed',
        reason: 'unverified',
        detail: 'its source does not report resolution, and it has been silent',
      }),
    ],
    nowMs,
  });
  if (result.kind !== 'committed') return false;
  for (const id of closed.cases) await parts.wake(`case:${id}`, nowMs);
  return true;
}
