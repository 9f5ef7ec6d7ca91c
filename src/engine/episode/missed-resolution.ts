import type { Alert } from '../../alertmanager/alert.js';
import type { Episode } from '../../ledger/episode.js';
import type { EngineContext } from '../context/context.js';
import { reportsResolution } from './inactivity.js';

/**
 * Whether an open episode was last heard of so long ago, and fires with so much later a start, that
 * its end must have been missed: else one lost resolved would mute its alert for ever.
 */
export function isForgotten(
  { active }: Pick<EngineContext, 'active'>,
  episode: Episode,
  alerts: readonly Alert[],
  nowMs: number,
): boolean {
  const { policy } = active();
  const { staleAfterMs } = policy.alertmanager;
  if (!reportsResolution(episode, policy) || episode.state === 'closed') return false;
  if (episode.lastSeenAtMs + staleAfterMs > nowMs) return false;
  return alerts.some(
    ({ status, startsAtMs }) => status === 'firing' && (startsAtMs ?? nowMs) > episode.lastSeenAtMs,
  );
}
