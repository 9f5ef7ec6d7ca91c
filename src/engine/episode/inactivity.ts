import { isCommand } from '../../alertmanager/source.js';
import type { Episode } from '../../ledger/episode.js';
import type { Stored } from '../../ledger/record-reads.js';
import type { Policy } from '../../playbook/policy.js';
import type { EngineContext } from '../context/context.js';
import { closeEpisode } from './close-episode.js';

/** Whether someone will say when this alert resolves. */
export function reportsResolution({ source }: Pick<Episode, 'source'>, policy: Policy): boolean {
  return policy.alertmanager.sendResolved && !isCommand(source);
}

/** Whether an episode of a source that does not report resolution has been silent for long enough. */
export function isSilent({ active }: EngineContext, episode: Episode, nowMs: number): boolean {
  const { policy } = active();
  if (reportsResolution(episode, policy)) return false;
  return episode.lastSeenAtMs + policy.alertmanager.closeAfterMs <= nowMs;
}

/** Closes it; `false`: another worker changed it meanwhile. */
export function closeSilent(
  context: EngineContext,
  stored: Stored<Episode>,
  nowMs: number,
): Promise<boolean> {
  const detail =
    'its source does not report resolution, and no notification came for send_resolved_after';
  const silent = { ...stored, value: { ...stored.value, silent: true as const } };
  return closeEpisode(context, silent, { reason: 'unverified', detail, nowMs });
}
