import { isCommand } from '../alert/source.js';
import type { Episode } from '../ledger/episode.js';
import type { Stored } from '../ledger/reads.js';
import type { Policy } from '../playbook/policy.js';
import { closeEpisode } from './close-episode.js';
import type { EngineParts } from './parts.js';

/** Whether somebody will say when this alert resolves. */
export function reportsResolution({ source }: Pick<Episode, 'source'>, policy: Policy): boolean {
  return policy.alertmanager.sendResolved && !isCommand(source);
}

/** Whether an episode of a source that does not report resolution has been silent for long enough. */
export function isSilent({ active }: EngineParts, episode: Episode, nowMs: number): boolean {
  const { policy } = active();
  if (reportsResolution(episode, policy)) return false;
  return episode.lastSeenAtMs + policy.alertmanager.closeAfterMs <= nowMs;
}

/** Closes it; `false`: somebody else changed it meanwhile. */
export function closeSilent(
  parts: EngineParts,
  stored: Stored<Episode>,
  nowMs: number,
): Promise<boolean> {
  const detail = 'its source does not report resolution, and it has been silent';
  const silent = { ...stored, value: { ...stored.value, silent: true as const } };
  return closeEpisode(parts, silent, { reason: 'unverified', detail, nowMs });
}
