import type { Labels } from '../../alertmanager/alert.js';
import { isOwnAlert } from '../../alertmanager/own-alert.js';
import { type Disposition, isUndecided } from '../../ledger/episode.js';
import type { StoredEpisode } from '../../ledger/record-reads.js';
import type { Policy } from '../../playbook/policy.js';

/** How long a muted alert is left before it is looked at again. */
const lookAgainMs = 60_000;

/** What the engine makes of an episode without asking the playbooks; `null`: they are asked. */
export function builtInDecision(
  { value, muted }: StoredEpisode,
  policy: Policy,
  nowMs: number,
): Disposition | null {
  const needsNobody = whyNobody(value.labels, policy);
  const own = { playbook: null, atMs: nowMs };
  if (needsNobody !== null) {
    return { ...own, fate: 'ignored', reason: 'ignored', detail: needsNobody };
  }
  const isWaiting = isUndecided(value) || value.verdicts.some(({ fate }) => fate === 'held');
  if (!muted || !isWaiting) return null;
  const known = value.verdicts.find(({ reason }) => reason === 'muted');
  return {
    ...own,
    fate: 'held',
    reason: 'muted',
    detail: 'the alert is silenced or inhibited there; Jidoka decides when that ends',
    sinceMs: known?.sinceMs ?? nowMs,
    untilMs: nowMs + lookAgainMs,
  };
}

/** Alerts that are about the alerting itself are never a case for a person. */
function whyNobody(labels: Labels, { watchdog }: Policy): string | null {
  if (isOwnAlert(labels)) return 'Jidoka itself posted it to Alertmanager';
  const isWatchdog = watchdog?.match.every((matcher) => matcher.matches(labels)) ?? false;
  return isWatchdog ? 'it is the watchdog of policy.yaml' : null;
}
