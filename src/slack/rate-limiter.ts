import type { Ledger } from '../ledger/ledger.js';
import { conflict, retryOnConflict } from '../ledger/retry-on-conflict.js';
import type { Check } from '../ledger/transaction.js';
import type { Clock } from '../lib/clock.js';

/** Whether a message may go to a channel now; else when to ask again. */
export type Turn = { readonly kind: 'go' } | { readonly kind: 'wait'; readonly untilMs: number };

/** How a message stands to others that wait for the same channel. */
export type Priority = 'urgent' | 'normal' | 'yielding';

/** Slack takes about one message a second in a channel. (docs.slack.dev, apis/web-api/rate-limits) */
const everyMs = 1_000;
/** How far behind the last one that waits a message that yields asks again. */
const waitBehindMs = 200;
/** A channel that nothing waits for is forgotten. */
const keptMs = 3_600_000;

/**
 * Keeps the messages to one channel about a second apart, over all workers, so that a storm does not
 * run into Slack's limit. Anyone who has to wait gets a time of its own, behind those that wait already;
 * other channels are not held up.
 */
export function createRateLimiter({
  ledger,
  clock,
}: {
  readonly ledger: Ledger;
  readonly clock: Clock;
}) {
  /**
   * Takes the channel's turn, or a time at which to ask again.
   *
   * @param priority `urgent` goes at once, unless Slack asked for silence: its limit for edits is not that for
   *   posts (about 50 a minute; docs.slack.dev, apis/web-api/rate-limits). `yielding` goes when no other waits, and
   *   has no place of its own in the line.
   */
  async function take(channel: string, priority: Priority = 'normal'): Promise<Turn> {
    const isUrgent = priority === 'urgent';
    return change(channel, (freeAtMs, lastAtMs, nowMs) => {
      if (priority === 'yielding' && Math.max(freeAtMs, lastAtMs) > nowMs) {
        const untilMs = Math.max(freeAtMs, lastAtMs) + waitBehindMs;
        return { free: freeAtMs, last: lastAtMs, turn: { kind: 'wait', untilMs } };
      }
      // a post keeps the channel for everyMs at most, so what lies further ahead is silence
      if (isUrgent && freeAtMs > nowMs && freeAtMs - nowMs <= everyMs) {
        return { free: freeAtMs, last: lastAtMs, turn: { kind: 'go' } };
      }
      if (freeAtMs <= nowMs) {
        const free = nowMs + everyMs;
        return { free, last: Math.max(lastAtMs, free), turn: { kind: 'go' } };
      }
      const untilMs = Math.max(lastAtMs, freeAtMs);
      return { free: freeAtMs, last: untilMs + everyMs, turn: { kind: 'wait', untilMs } };
    });
  }

  /** Slack asked for silence in the channel: nothing goes there before `untilMs`. */
  async function silence(channel: string, untilMs: number): Promise<void> {
    await change(channel, (freeAtMs, lastAtMs) => ({
      free: Math.max(freeAtMs, untilMs),
      last: Math.max(lastAtMs, untilMs),
      turn: { kind: 'go' },
    }));
  }

  async function change(
    channel: string,
    next: (freeAtMs: number, lastAtMs: number, nowMs: number) => Next,
  ): Promise<Turn> {
    const key = ledger.keys.pace(channel);
    const attempt = async () => {
      const nowMs = clock.now();
      const [free = null, last = null] = await ledger.redis.hmget(key, 'free', 'last');
      const after = next(Number(free ?? 0), Number(last ?? 0), nowMs);
      const unchanged = (field: string, value: string | null): Check =>
        value === null ? { kind: 'no_field', key, field } : { kind: 'field', key, field, value };
      const result = await ledger.commit({
        checks: [unchanged('free', free), unchanged('last', last)],
        writes: [
          ['HSET', key, 'free', after.free, 'last', after.last],
          ['PEXPIRE', key, Math.max(after.last - nowMs, 0) + keptMs],
        ],
        nowMs,
      });
      return result.kind === 'committed' ? after.turn : conflict;
    };
    const giveUp = (): Turn => ({ kind: 'wait', untilMs: clock.now() + everyMs });
    return retryOnConflict(`the pace of ${channel}`, attempt, { giveUp });
  }

  return { take, silence };
}

interface Next {
  readonly free: number;
  readonly last: number;
  readonly turn: Turn;
}
