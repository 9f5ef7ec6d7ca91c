import { createHash } from 'node:crypto';
import { draftFault } from '../escalation/draft.js';
import type { Episode } from '../ledger/episode.js';
import type { Stored } from '../ledger/reads.js';
import { takeTurn } from '../ledger/turn.js';
import { formatDuration } from '../time.js';
import { closeEpisode } from './close-episode.js';
import type { EngineParts } from './parts.js';
import { closeSilent, isSilent } from './silence.js';

const everyMs = 60_000;
const atOnce = 500;

/**
 * Without Alertmanager's API: closes the episodes that were never resolved and not heard of for
 * `alertmanager.stale_after`, the oldest first, some in each turn. Where something was under way, a
 * person is told. Where no alert is said to resolve, `alertmanager.close_after` counts, for those that
 * were decided when the policy said otherwise, too.
 *
 * @throws what Redis throws; the next turn begins anew.
 */
export async function closeStale(parts: EngineParts): Promise<void> {
  const { ledger, clock, active } = parts;
  const nowMs = clock.now();
  const { sendResolved, staleAfterMs, closeAfterMs } = active().policy.alertmanager;
  if (!(await takeTurn(ledger, 'stale', everyMs, nowMs))) return;
  // without the API nobody keeps this up to date
  await ledger.redis.del(ledger.keys.muted);
  for (let offset = 0; ; ) {
    const identities = await ledger.redis.zrangebyscore(
      ledger.keys.openEpisodes,
      '-inf',
      nowMs - (sendResolved ? staleAfterMs : closeAfterMs),
      'LIMIT',
      offset,
      atOnce,
    );
    offset += identities.length - (await closeStaleOf(parts, identities));
    if (identities.length < atOnce) return;
  }
}

/** Closes those of these episodes that were not heard of for too long; gives back how many. */
export async function closeStaleOf(
  parts: EngineParts,
  identities: readonly string[],
): Promise<number> {
  const { ledger, clock, active } = parts;
  const nowMs = clock.now();
  const { sendResolved, staleAfterMs } = active().policy.alertmanager;
  let closed = 0;
  for (const stored of await ledger.episodes(identities)) {
    if (stored?.value.state !== 'open' || stored.value.source !== 'alertmanager') continue;
    const isOver = sendResolved
      ? stored.value.lastSeenAtMs + staleAfterMs <= nowMs &&
        (await closeOne(parts, stored, staleAfterMs, nowMs))
      : isSilent(parts, stored.value, nowMs) && (await closeSilent(parts, stored, nowMs));
    if (isOver) closed += 1;
  }
  return closed;
}

async function closeOne(
  parts: EngineParts,
  stored: Stored<Episode>,
  staleAfterMs: number,
  nowMs: number,
): Promise<boolean> {
  const { ledger } = parts;
  const { labels, cases } = stored.value;
  const detail = `not heard of for ${formatDuration(staleAfterMs)}, and never resolved`;
  const why = { reason: 'stale', detail, nowMs } as const;
  if (cases.length === 0) return closeEpisode(parts, stored, why);

  const about = ['stale', labels.alertname];
  const subject = createHash('sha256').update(JSON.stringify(about)).digest('hex').slice(0, 32);
  const key = ledger.keys.subject(subject);
  const known = await ledger.redis.get(key);
  if (known !== null) {
    return closeEpisode(parts, stored, {
      ...why,
      checks: [{ kind: 'string', key, value: known }],
    });
  }
  const name = labels.alertname ?? 'An alert';
  const note = draftFault(
    'stale',
    `${name} was given up`,
    `${JSON.stringify(labels)} was ${detail}; what was under way for it has ended. Others of its name may follow. Look whether it still fires, and whether Alertmanager reaches Jidoka; with ALERTMANAGER_URL and ALERTMANAGER_RECEIVER set, Jidoka sees that for itself.`,
    subject,
    {
      id: ledger.newId(),
      channel: parts.active().policy.escalate.channel,
      expiresAtMs: null,
      nowMs,
    },
  );
  const save = ledger.saveEscalation(null, note, nowMs);
  const closed = await closeEpisode(parts, stored, {
    ...why,
    checks: [save.check, { kind: 'absent', key }],
    writes: save.writes,
  });
  if (closed) await parts.wake(`message:${note.id}`, nowMs);
  return closed;
}
