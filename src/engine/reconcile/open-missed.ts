import type { Alert } from '../../alertmanager/alert.js';
import type { Received } from '../../alertmanager/received.js';
import { executed } from '../../ledger/pipeline.js';
import type { RedisContext } from '../context/context.js';
import type { AlertmanagerSnapshot } from './alertmanager-snapshot.js';

/** How many identities are asked for, and how many alerts taken in, at a time. */
const atOnce = 500;
const goZeroTime = '0001-01-01T00:00:00Z';

/**
 * Takes in what fires in Alertmanager and was not delivered: alerts that are active, not muted, and
 * have no open episode. An episode that closed less than `groupWaitMs` ago is left to the next
 * reading: this one may be older than its resolution.
 */
export async function openMissed(
  context: RedisContext,
  take: (received: Received) => Promise<void>,
  snapshot: AlertmanagerSnapshot,
  { readAtMs, groupWaitMs }: { readonly readAtMs: number; readonly groupWaitMs: number },
): Promise<number> {
  const { ledger } = context;
  const candidates = [...snapshot.present].filter(([, { active, muted }]) => {
    return active.length > 0 && !muted;
  });
  let opened = 0;
  for (let start = 0; start < candidates.length; start += atOnce) {
    const batch = candidates.slice(start, start + atOnce);
    const open = await ledger.redis.zmscore(
      ledger.keys.openEpisodes,
      ...batch.map(([identity]) => identity),
    );
    const closed = batch.filter((_, index) => open[index] === null);
    const known = await ledger.episodes(closed.map(([identity]) => identity));
    const missed = closed.filter((_, index) => {
      const closedAtMs = known[index]?.value.closedAtMs ?? Number.NEGATIVE_INFINITY;
      return known[index]?.value.state !== 'open' && closedAtMs + groupWaitMs <= readAtMs;
    });
    for (const certain of [true, false]) {
      const alerts = missed
        .map(([, listed]) => listed)
        .filter((listed) => listed.certain === certain)
        .flatMap(({ active }) => active);
      if (alerts.length === 0) continue;
      await take({
        source: 'alertmanager',
        receivedAtMs: context.clock.now(),
        notification: found(alerts),
        ...(certain ? {} : { mutingUnseen: true }),
      });
    }
    opened += missed.length;
  }
  return opened;
}

/** Keeps which identities are muted, all at once, for those who are about to act. */
export async function rememberMuted(
  { ledger }: RedisContext,
  snapshot: AlertmanagerSnapshot,
): Promise<void> {
  const { keys, redis } = ledger;
  const muted = [...snapshot.present].filter(([, one]) => one.muted).map(([identity]) => identity);
  const next = `${keys.muted}:next`;
  const pipeline = redis.multi().del(next);
  for (let start = 0; start < muted.length; start += atOnce) {
    pipeline.sadd(next, ...muted.slice(start, start + atOnce));
  }
  if (muted.length === 0) pipeline.del(keys.muted);
  else pipeline.rename(next, keys.muted);
  await executed(pipeline);
}

/** Alerts that were found, in the shape of a notification. */
function found(alerts: readonly Alert[]): Received['notification'] {
  return {
    groupKey: 'found in Alertmanager',
    receiver: '',
    status: 'firing',
    truncatedAlerts: 0,
    externalUrl: '',
    groupLabels: {},
    commonLabels: {},
    commonAnnotations: {},
    alerts: alerts.map(({ labels, annotations, startsAtMs, generatorUrl, fingerprint }) => ({
      status: 'firing',
      labels,
      annotations,
      startsAt: startsAtMs === null ? goZeroTime : new Date(startsAtMs).toISOString(),
      endsAt: goZeroTime,
      generatorURL: generatorUrl,
      fingerprint,
    })),
  };
}
