import { isCommand } from '../../alertmanager/source.js';
import { draftFault } from '../../escalation/draft.js';
import type { Episode } from '../../ledger/episode.js';
import { takePeriodicLease } from '../../ledger/periodic-lease.js';
import type { Stored } from '../../ledger/record-reads.js';
import { scheduleItem } from '../../ledger/schedule-item.js';
import { shortHash } from '../../lib/short-hash.js';
import { formatDuration } from '../../lib/time.js';
import type { EngineContext } from '../context/context.js';
import { closeEpisode } from './close-episode.js';
import { closeSilent, isSilent } from './inactivity.js';

const alertmanagerAdvice =
  'Check whether it still fires, and whether Alertmanager reaches Jidoka. With ALERTMANAGER_URL and ALERTMANAGER_RECEIVER, Jidoka checks this itself.';
const grafanaAdvice =
  'Check whether it still fires in Grafana, and whether its contact point reaches Jidoka and sends resolved messages.';

const everyMs = 60_000;
const atOnce = 500;

/**
 * Closes the episodes that were never resolved and not heard of for `alertmanager.stale_after`, the
 * oldest first, some in each turn. Where something was under way, a person is told. Where no alert is
 * said to resolve, `alertmanager.close_after` counts, for those that were decided when the policy said
 * otherwise, too.
 *
 * @param which all of them, without Alertmanager's API; else only those that it never lists
 * @throws what Redis throws; the next turn starts again.
 */
export async function closeStale(context: EngineContext, which: 'all' | 'unlisted'): Promise<void> {
  const { ledger, clock, active } = context;
  const nowMs = clock.now();
  const { sendResolved, staleAfterMs, closeAfterMs } = active().policy.alertmanager;
  if (!(await takePeriodicLease(ledger, 'stale', everyMs, nowMs))) return;
  // without the API no one keeps this up to date
  if (which === 'all') await ledger.redis.del(ledger.keys.muted);
  for (let offset = 0; ; ) {
    const identities = await ledger.redis.zrangebyscore(
      which === 'all' ? ledger.keys.openEpisodes : ledger.keys.unlistedEpisodes,
      '-inf',
      nowMs - (sendResolved ? staleAfterMs : closeAfterMs),
      'LIMIT',
      offset,
      atOnce,
    );
    offset += identities.length - (await closeStaleOf(context, identities));
    if (identities.length < atOnce) return;
  }
}

/** Closes those of these episodes that were not heard of for too long; gives back how many. */
export async function closeStaleOf(
  context: EngineContext,
  identities: readonly string[],
): Promise<number> {
  const { ledger, clock, active } = context;
  const nowMs = clock.now();
  const { sendResolved, staleAfterMs } = active().policy.alertmanager;
  let closed = 0;
  for (const stored of await ledger.episodes(identities)) {
    if (stored?.value.state !== 'open' || isCommand(stored.value.source)) continue;
    const isOver = sendResolved
      ? stored.value.lastSeenAtMs + staleAfterMs <= nowMs &&
        (await closeOne(context, stored, staleAfterMs, nowMs))
      : isSilent(context, stored.value, nowMs) && (await closeSilent(context, stored, nowMs));
    if (isOver) closed += 1;
  }
  return closed;
}

async function closeOne(
  context: EngineContext,
  stored: Stored<Episode>,
  staleAfterMs: number,
  nowMs: number,
): Promise<boolean> {
  const { ledger } = context;
  const { labels, cases, source } = stored.value;
  const detail = `without a notification for ${formatDuration(staleAfterMs)}, and never resolved`;
  const why = { reason: 'stale', detail, nowMs } as const;
  if (cases.length === 0) return closeEpisode(context, stored, why);

  const about = ['stale', labels.alertname];
  const subject = shortHash(JSON.stringify(about));
  const key = ledger.keys.subject(subject);
  const known = await ledger.redis.get(key);
  if (known !== null) {
    return closeEpisode(context, stored, {
      ...why,
      checks: [{ kind: 'string', key, value: known }],
    });
  }
  const name = labels.alertname ?? 'An alert';
  const note = draftFault(
    'stale',
    `${name}: closed as stale`,
    `${JSON.stringify(labels)} was ${detail}; its runs have ended. Other alerts of this name may follow. ${source === 'grafana' ? grafanaAdvice : alertmanagerAdvice}`,
    subject,
    {
      id: ledger.newId(),
      channel: context.active().policy.escalate.channel,
      expiresAtMs: null,
      nowMs,
    },
  );
  const save = ledger.saveEscalation(null, note, nowMs);
  const closed = await closeEpisode(context, stored, {
    ...why,
    checks: [save.check, { kind: 'absent', key }],
    writes: save.writes,
  });
  if (closed) await context.wake(scheduleItem('message', note.id), nowMs);
  return closed;
}
