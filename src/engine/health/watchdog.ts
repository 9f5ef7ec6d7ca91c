import { draftFault } from '../../escalation/draft.js';
import type { Escalation } from '../../ledger/escalation.js';
import { scheduleItem } from '../../ledger/schedule-item.js';
import { shortHash } from '../../lib/short-hash.js';
import { formatDuration } from '../../lib/time.js';
import type { EngineContext } from '../context/context.js';

const subject = shortHash('watchdog');

/** Notes that the watchdog was heard of at `atMs`; an older time changes nothing. */
export async function heartbeat({ ledger }: EngineContext, atMs: number): Promise<void> {
  const { redis, keys } = ledger;
  const seenAtMs = Number(await redis.hget(keys.watchdog, 'seenAtMs'));
  if (seenAtMs < atMs) await redis.hset(keys.watchdog, 'seenAtMs', atMs);
}

/**
 * Watches over the alert that should always fire (`watchdog` of the policy): tells a person once when
 * it has stayed away for too long, and again when it is back. An engine that was down itself waits
 * the whole time from its start: what it did not hear then proves nothing.
 */
export function createWatchdog(context: EngineContext): () => Promise<void> {
  const { ledger, clock, wake } = context;
  const startedAtMs = clock.now();

  /** @throws what Redis throws; the next call looks again. */
  return async function watch(): Promise<void> {
    const { watchdog } = context.active().policy;
    if (watchdog === undefined) return;
    const { keys, redis } = ledger;
    const [seen, told] = await redis.hmget(keys.watchdog, 'seenAtMs', 'toldAtMs');
    const nowMs = clock.now();
    const seenAtMs = Number(seen ?? 0);
    const isSilent = Math.max(seenAtMs, startedAtMs) + watchdog.afterMs <= nowMs;
    if (isSilent && told == null) {
      const last = seen == null ? 'never' : `last at ${new Date(seenAtMs).toISOString()}`;
      const match = watchdog.match.map(String).join(', ');
      await tell(
        draft(
          'watchdog_silent',
          'Alerts may not arrive',
          `The watchdog alert (${match}) has not arrived for ${formatDuration(watchdog.afterMs)}; it was seen ${last}. Check Prometheus, Alertmanager and the route to Jidoka. Until it is back, Jidoka may miss alerts.`,
        ),
        String(nowMs),
      );
    } else if (told != null && seenAtMs >= Number(told)) {
      const back = draft(
        'watchdog_back',
        'Alerts arrive again',
        `The watchdog alert arrives again, since ${new Date(seenAtMs).toISOString()}.`,
      );
      await tell({ ...back, subject: null, state: 'withdrawn', endedAtMs: nowMs }, null);
    }

    function draft(reason: 'watchdog_silent' | 'watchdog_back', title: string, detail: string) {
      const { channel } = context.active().policy.escalate;
      const to = { id: ledger.newId(), channel, expiresAtMs: null, nowMs };
      return draftFault(reason, title, detail, subject, to);
    }

    /** Only one worker tells, and only once: `toldAtMs` changes with it. */
    async function tell(message: Escalation, toldAtMs: string | null): Promise<void> {
      const save = ledger.saveEscalation(null, message, nowMs);
      const silent = toldAtMs === null ? await openReport() : null;
      const withdrawn = silent && {
        ...silent.value,
        state: 'withdrawn' as const,
        endedAtMs: nowMs,
      };
      const also = silent && withdrawn && ledger.saveEscalation(silent, withdrawn, nowMs);
      const result = await ledger.commit({
        checks: [
          save.check,
          ...(also ? [also.check] : []),
          told == null
            ? { kind: 'no_field', key: keys.watchdog, field: 'toldAtMs' }
            : { kind: 'field', key: keys.watchdog, field: 'toldAtMs', value: told },
        ],
        writes: [
          ...save.writes,
          ...(also?.writes ?? []),
          toldAtMs === null
            ? ['HDEL', keys.watchdog, 'toldAtMs']
            : ['HSET', keys.watchdog, 'toldAtMs', toldAtMs],
          ...(withdrawn
            ? [
                ledger.audit({
                  atMs: nowMs,
                  subject: 'escalation',
                  id: withdrawn.id,
                  event: 'withdrawn',
                  reason: message.reason,
                }),
              ]
            : []),
        ],
        nowMs,
      });
      if (result.kind !== 'committed') return;
      for (const one of [message, ...(withdrawn ? [withdrawn] : [])]) {
        await wake(scheduleItem('message', one.id), nowMs);
      }
    }
  };

  /** The report of the silence, as long as no one has answered it. */
  async function openReport() {
    const id = await ledger.redis.get(ledger.keys.subject(subject));
    const stored = id === null ? null : await ledger.escalation(id);
    return stored?.value.state === 'open' ? stored : null;
  }
}
