import { troubleOf } from '../ledger/alert-end.js';
import type { Episode } from '../ledger/episode.js';
import type { Evidence, RelatedAlert } from '../ledger/evidence.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Clock } from '../lib/clock.js';
import type { EvidenceSubject } from './subject.js';

/** How many firing alerts are searched: the latest. */
const maxRead = 500;
const maxShown = 10;
/** How long one look serves: a storm asks many times at once. */
const freshMs = 5_000;

/** Finds what else fires in the same group of Alertmanager, or about the same target. */
export function createRelatedReader({ ledger, clock }: { ledger: Ledger; clock: Clock }) {
  let last: { readonly atMs: number; readonly firing: Promise<readonly Episode[]> } | undefined;

  async function readFiring(): Promise<readonly Episode[]> {
    const ids = await ledger.redis.zrevrange(ledger.keys.openEpisodes, 0, maxRead - 1);
    const stored = await ledger.episodes(ids);
    return stored.flatMap((one) => (one?.value.state === 'open' ? [one.value] : []));
  }

  function firing(): Promise<readonly Episode[]> {
    const nowMs = clock.now();
    if (last === undefined || last.atMs + freshMs <= nowMs) {
      last = { atMs: nowMs, firing: readFiring() };
      last.firing.catch(() => {
        last = undefined;
      });
    }
    return last.firing;
  }

  return async function readRelated({
    caseId,
    labels,
    firing: own,
  }: EvidenceSubject): Promise<Exclude<Evidence['related'], { missing: string }>> {
    const groups = new Set(own.map(({ groupKey }) => groupKey).filter((key) => key !== ''));
    const { alertname: _, ...about } = troubleOf({ labels });
    const [target] = Object.entries(about);
    const found = (await firing()).flatMap((episode): RelatedAlert[] => {
      if (episode.cases.includes(caseId)) return [];
      const isSameTarget = target !== undefined && episode.labels[target[0]] === target[1];
      if (!isSameTarget && !groups.has(episode.groupKey)) return [];
      const { id, labels, openedAtMs } = episode;
      return [{ id, labels, openedAtMs, shares: isSameTarget ? 'target' : 'group' }];
    });
    return { alerts: differentFirst(found).slice(0, maxShown), total: found.length };
  };
}

/** Puts the first alert of each name before the others, so that many of one name do not hide the rest. */
function differentFirst(alerts: readonly RelatedAlert[]): readonly RelatedAlert[] {
  const seen = new Set<string | undefined>();
  const [firsts, others]: [RelatedAlert[], RelatedAlert[]] = [[], []];
  for (const alert of alerts) {
    const { alertname } = alert.labels;
    (seen.has(alertname) ? others : firsts).push(alert);
    seen.add(alertname);
  }
  return [...firsts, ...others];
}
