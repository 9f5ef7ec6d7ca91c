import type { createLeases, Lease } from '../escalation/lease.js';
import type { PostedMessage } from '../ledger/escalation.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Clock } from '../lib/clock.js';
import type { Logger } from '../lib/logger.js';
import type { Metrics } from '../lib/metrics.js';
import { isChannelId, type NewMessage, type Slack } from './client.js';
import { SlackError } from './error.js';
import type { MessageContent } from './message.js';
import type { createRateLimiter, Priority } from './rate-limiter.js';

/** What became of one try to bring something to Slack. */
export type Delivered =
  | { readonly kind: 'updated' }
  | { readonly kind: 'posted'; readonly posted: PostedMessage }
  /** What was posted before, or what was to be replied to, is no longer there, or no longer ours to change. */
  | { readonly kind: 'gone' }
  /** Others go first, or the lease has passed: nothing was sent. */
  | { readonly kind: 'wait'; readonly untilMs: number }
  | {
      readonly kind: 'failed';
      readonly againAtMs: number;
      readonly fault: string;
      /** Slack's own word for a refusal; `null`: it may still come through. */
      readonly refused: string | null;
    };

interface DeliveryOptions {
  readonly ledger: Ledger;
  readonly slack: Slack;
  readonly leases: ReturnType<typeof createLeases>;
  readonly pace: ReturnType<typeof createRateLimiter>;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** What every message needs to know besides what it says. */
interface Sending {
  readonly lease: Lease;
  /** The channel as it is configured, by which messages are kept apart. */
  readonly channel: string;
  /** Since when people are owed it: the longer, the less often it is tried. */
  readonly sinceMs: number;
  /**
   * `urgent` takes away the buttons that a person clicked, and goes ahead of other messages; `yielding` only adds
   * what was found about the alert, and lets new messages pass. Default: `normal`.
   */
  readonly priority?: Priority;
}

interface Bound extends Sending {
  /** Whether it changes or answers a message that was there. */
  readonly isBound: boolean;
}

/** Retry interval for what Slack refused: the configuration may be corrected. */
const refusedAgainMs = 10 * 60_000;
const minBackoffMs = 2_000;
const maxBackoffMs = 60_000;
/** How far from the intention a message may stand that was posted by it: time-outs, and clocks that differ. */
const aroundMs = 120_000;

/** Of a message that was there: it was deleted, its channel was archived, or the app was taken out of it. */
const gone: ReadonlySet<string> = new Set([
  'message_not_found',
  'cant_update_message',
  'edit_window_closed',
  'thread_not_found',
  'cannot_reply_to_message',
  'channel_not_found',
  'not_in_channel',
  'is_archived',
  'is_inactive',
]);

export type Delivery = ReturnType<typeof createDelivery>;

/** Sends one message to Slack, once, and tells what to do next. Every method throws only what Redis throws. */
export function createDelivery(options: DeliveryOptions) {
  const { ledger, slack, leases, pace, clock, metrics, log } = options;

  /** Replaces a message as a whole. */
  function update(sending: Sending, to: PostedMessage, content: MessageContent) {
    return inTurn({ ...sending, isBound: true }, async () => {
      await slack.update({ ...to, ...content });
      return { kind: 'updated' };
    });
  }

  /**
   * Posts a message, and never twice: that it is about to is recorded first, so that after a crash, or
   * where Slack was silent, it is looked for before it is posted again. Where the app may not look, it
   * is posted again: rather two messages than none.
   */
  function post(sending: Sending, message: NewMessage) {
    const { lease } = sending;
    const field = begunField(message.id);
    return inTurn({ ...sending, isBound: message.threadTs !== undefined }, async () => {
      const begun = await ledger.redis.hget(lease.record, field);
      const found = begun === null ? null : await look(message, Number(begun));
      if (found !== null) return { kind: 'posted', posted: found };
      const intention = ['HSET', lease.record, field, clock.now()] as const;
      if (!(await leases.renew(lease, [intention]))) {
        return { kind: 'wait', untilMs: clock.now() };
      }
      try {
        const posted = await slack.post(message);
        if (posted.channel !== message.channel) await remember(message.channel, posted.channel);
        return { kind: 'posted', posted };
      } catch (error) {
        // where Slack said no, it is not there
        const isCertain = error instanceof SlackError && error.kind !== 'unavailable';
        if (isCertain) await ledger.redis.hdel(lease.record, field);
        throw error;
      }
    });
  }

  async function inTurn(sending: Bound, send: () => Promise<Delivered>): Promise<Delivered> {
    const turn = await pace.take(sending.channel, sending.priority);
    if (turn.kind === 'wait') return turn;
    try {
      const delivered = await send();
      if (delivered.kind !== 'wait') metrics.messages.inc({ result: 'sent' });
      return delivered;
    } catch (error) {
      if (!(error instanceof SlackError)) throw error;
      return failure(sending, error);
    }
  }

  /** Looks whether the message is there already. */
  async function look(message: NewMessage, begunMs: number): Promise<PostedMessage | null> {
    const { id, threadTs } = message;
    const [fromMs, toMs] = [begunMs - aroundMs, begunMs + aroundMs];
    try {
      const channel = await idOf(message.channel);
      // it is in no such channel, and can have posted to none
      if (channel === null) return null;
      return await slack.find({ channel, id, threadTs, fromMs, toMs });
    } catch (error) {
      if (!(error instanceof SlackError) || error.kind !== 'refused') throw error;
      log.warn({ fault: error.message }, 'delivery of a message unknown');
      return null;
    }
  }

  /** Slack's methods that read want ids; where nothing was posted with a name yet, Slack is asked for it. */
  async function idOf(channel: string): Promise<string | null> {
    if (isChannelId(channel)) return channel;
    const known = await ledger.redis.hget(ledger.keys.channelIds, channel);
    return known ?? slack.channelId(channel);
  }

  async function remember(name: string, id: string): Promise<void> {
    await ledger.redis.hset(ledger.keys.channelIds, name, id);
  }

  async function failure({ lease, channel, sinceMs, isBound }: Bound, error: SlackError) {
    const { code, message: fault, retryAfterMs } = error;
    const nowMs = clock.now();
    if (isBound && gone.has(code)) return { kind: 'gone' } as const;
    if (error.kind === 'refused') return refuse(lease, error);
    metrics.messages.inc({ result: 'failed' });
    log.warn({ item: lease.item, fault }, 'message to Slack delayed');
    if (error.kind === 'rate_limited') await pace.silence(channel, nowMs + retryAfterMs);
    const delayMs = Math.min(Math.max((nowMs - sinceMs) / 2, minBackoffMs), maxBackoffMs);
    // Scattered, so that the messages of a storm do not all come back at once.
    const scattered = Math.max(delayMs, retryAfterMs) * (1 + Math.random() / 2);
    const againAtMs = nowMs + Math.round(scattered);
    return { kind: 'failed', againAtMs, fault, refused: null } as const;
  }

  /** What only an operator can correct is retried now and then. */
  async function refuse(lease: Lease, error: SlackError) {
    metrics.messages.inc({ result: 'refused' });
    await logOnce(lease, error);
    const { code: refused, message: fault } = error;
    const againAtMs = clock.now() + refusedAgainMs;
    return { kind: 'failed', againAtMs, fault, refused } as const;
  }

  /** Loud, but once: the next tries would only say it again. */
  async function logOnce(
    { item, record }: Lease,
    { code, message: fault }: SlackError,
  ): Promise<void> {
    if ((await ledger.redis.hget(record, 'complained')) === code) return;
    await ledger.redis.hset(record, 'complained', code);
    log.error({ item, fault }, 'Slack refused a message; retried every 10 minutes');
  }

  return { post, update, refuse };
}

/** The field of a record that says since when a message is being posted; to be deleted with its result. */
export function begunField(id: string): string {
  return `begun:${id}`;
}
