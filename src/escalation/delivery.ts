import type { Clock } from '../clock.js';
import type { PostedMessage } from '../ledger/escalation.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Logger } from '../logger.js';
import type { Metrics } from '../metrics.js';
import type { Claim, createClaims } from './claim.js';
import type { createPace } from './pace.js';
import { isChannelId, type NewMessage, type Slack } from './slack.js';
import { SlackError } from './slack-error.js';
import type { MessageContent } from './slack-message.js';

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
  readonly claims: ReturnType<typeof createClaims>;
  readonly pace: ReturnType<typeof createPace>;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** What every message needs to know besides what it says. */
interface Sending {
  readonly claim: Claim;
  /** The channel as it is configured, by which messages are kept apart. */
  readonly channel: string;
  /** Since when people are owed it: the longer, the less often it is tried. */
  readonly sinceMs: number;
}

interface Bound extends Sending {
  /** Whether it changes or answers a message that was there. */
  readonly isBound: boolean;
}

/** Configuration may be mended: what Slack refused is tried again after this. */
const refusedAgainMs = 10 * 60_000;
const soonestAgainMs = 2_000;
const latestAgainMs = 60_000;
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
  const { ledger, slack, claims, pace, clock, metrics, log } = options;

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
    const { claim } = sending;
    const field = begunField(message.id);
    return inTurn({ ...sending, isBound: message.threadTs !== undefined }, async () => {
      const begun = await ledger.redis.hget(claim.record, field);
      const found = begun === null ? null : await look(message, Number(begun));
      if (found !== null) return { kind: 'posted', posted: found };
      const intention = ['HSET', claim.record, field, clock.now()] as const;
      if (!(await claims.renew(claim, [intention]))) {
        return { kind: 'wait', untilMs: clock.now() };
      }
      try {
        const posted = await slack.post(message);
        if (posted.channel !== message.channel) await remember(message.channel, posted.channel);
        return { kind: 'posted', posted };
      } catch (error) {
        // where Slack said no, it is not there
        const isCertain = error instanceof SlackError && error.kind !== 'unavailable';
        if (isCertain) await ledger.redis.hdel(claim.record, field);
        throw error;
      }
    });
  }

  async function inTurn(sending: Bound, send: () => Promise<Delivered>): Promise<Delivered> {
    const turn = await pace.take(sending.channel);
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
      log.warn({ fault: error.message }, 'whether a message was posted cannot be seen');
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

  async function failure({ claim, channel, sinceMs, isBound }: Bound, error: SlackError) {
    const { code, message: fault, retryAfterMs } = error;
    const nowMs = clock.now();
    if (isBound && gone.has(code)) return { kind: 'gone' } as const;
    if (error.kind === 'refused') return refuse(claim, error);
    metrics.messages.inc({ result: 'failed' });
    log.warn({ item: claim.item, fault }, 'a message to Slack waits');
    if (error.kind === 'rate_limited') await pace.silence(channel, nowMs + retryAfterMs);
    const delayMs = Math.min(Math.max((nowMs - sinceMs) / 2, soonestAgainMs), latestAgainMs);
    // Scattered, so that the messages of a storm do not all come back at once.
    const scattered = Math.max(delayMs, retryAfterMs) * (1 + Math.random() / 2);
    const againAtMs = nowMs + Math.round(scattered);
    return { kind: 'failed', againAtMs, fault, refused: null } as const;
  }

  /** What only a person can mend is tried again now and then. */
  async function refuse(claim: Claim, error: SlackError) {
    metrics.messages.inc({ result: 'refused' });
    await complainOnce(claim, error);
    const { code: refused, message: fault } = error;
    const againAtMs = clock.now() + refusedAgainMs;
    return { kind: 'failed', againAtMs, fault, refused } as const;
  }

  /** Loud, but once: the next tries would only say it again. */
  async function complainOnce(
    { item, record }: Claim,
    { code, message: fault }: SlackError,
  ): Promise<void> {
    if ((await ledger.redis.hget(record, 'complained')) === code) return;
    await ledger.redis.hset(record, 'complained', code);
    log.error({ item, fault }, 'Slack refuses a message; it is tried every 10 minutes');
  }

  return { post, update, refuse };
}

/** The field of a record that says since when a message is being posted; to be deleted with its result. */
export function begunField(id: string): string {
  return `begun:${id}`;
}
