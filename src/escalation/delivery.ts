import type { Clock } from '../clock.js';
import type { Escalation, PostedMessage } from '../ledger/escalation.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Logger } from '../logger.js';
import type { Metrics } from '../metrics.js';
import { type Slack, SlackError } from './slack.js';
import type { MessageContent } from './slack-message.js';

/** What became of one try to bring a message to Slack. */
export type Delivered =
  | { readonly kind: 'updated' }
  | {
      readonly kind: 'posted';
      readonly posted: PostedMessage;
      /** The escalation's detail as the message shows it. */
      readonly detail: string;
    }
  /** The message that was posted before is no longer there, or no longer ours. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'failed'; readonly againAtMs: number; readonly fault: string };

interface DeliveryOptions {
  readonly ledger: Ledger;
  readonly slack: Slack;
  readonly defaultChannel: string | undefined;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Logger;
}

type Render = (escalation: Escalation) => MessageContent;

/** Configuration may be mended: what Slack refused is tried again after this. */
const refusedAgainMs = 10 * 60_000;
const soonestAgainMs = 2_000;
const latestAgainMs = 60_000;

const gone: ReadonlySet<string> = new Set(['message_not_found', 'cant_update_message']);
const noSuchPlace: ReadonlySet<string> = new Set([
  'channel_not_found',
  'not_in_channel',
  'is_archived',
]);

/** Sends the message of an escalation, once, and tells what to do next. */
export function createDelivery(options: DeliveryOptions) {
  const { ledger, slack, defaultChannel, clock, metrics, log } = options;

  /** @throws only what Redis throws. */
  async function deliver(escalation: Escalation, render: Render): Promise<Delivered> {
    const { posted } = escalation;
    try {
      if (posted === null) {
        const delivered = await post(escalation, render);
        metrics.messages.inc({ result: 'sent' });
        return delivered;
      }
      await slack.update({ ...posted, ...render(escalation) });
      metrics.messages.inc({ result: 'sent' });
      return { kind: 'updated' };
    } catch (error) {
      if (!(error instanceof SlackError)) throw error;
      if (posted !== null && gone.has(error.code)) return { kind: 'gone' };
      return failure(escalation, error);
    }
  }

  /** Where the escalation's own channel cannot be posted to, people are told in the default one. */
  async function post(escalation: Escalation, render: Render): Promise<Delivered> {
    const { id, detail } = escalation;
    const channel = escalation.channel ?? defaultChannel;
    if (channel === undefined) {
      throw new SlackError(
        'refused',
        'there is no channel to post to: set SLACK_CHANNEL, or escalate.channel in policy.yaml',
        { code: 'no_channel' },
      );
    }
    try {
      const posted = await slack.post({ channel, ...render(escalation) });
      return { kind: 'posted', posted, detail };
    } catch (error) {
      const elsewhere = defaultChannel !== undefined && defaultChannel !== channel;
      if (!(error instanceof SlackError && elsewhere && noSuchPlace.has(error.code))) throw error;
      log.error({ escalation: id, channel, fault: error.message }, 'posted to SLACK_CHANNEL');
      const redirected = {
        ...escalation,
        detail: `${detail}\nMeant for ${channel}, which Slack refused (${error.code}).`.trim(),
      };
      const posted = await slack.post({ channel: defaultChannel, ...render(redirected) });
      return { kind: 'posted', posted, detail: redirected.detail };
    }
  }

  async function failure(escalation: Escalation, error: SlackError): Promise<Delivered> {
    const { id, createdAtMs, endedAtMs } = escalation;
    const fault = error.message;
    const nowMs = clock.now();
    if (error.kind === 'refused') {
      metrics.messages.inc({ result: 'refused' });
      await complainOnce(id, error);
      return { kind: 'failed', againAtMs: nowMs + refusedAgainMs, fault };
    }
    metrics.messages.inc({ result: 'failed' });
    log.warn({ escalation: id, fault }, 'a message to Slack waits');
    const owedMs = nowMs - (endedAtMs ?? createdAtMs);
    const delayMs = Math.min(Math.max(owedMs / 2, soonestAgainMs), latestAgainMs);
    // Scattered, so that the messages of a storm do not all come back at once.
    const scattered = Math.max(delayMs, error.retryAfterMs) * (1 + Math.random() / 2);
    return { kind: 'failed', againAtMs: nowMs + Math.round(scattered), fault };
  }

  /** Loud, but once: the next tries would only say it again. */
  async function complainOnce(id: string, { code, message: fault }: SlackError): Promise<void> {
    const key = ledger.keys.escalation(id);
    if ((await ledger.redis.hget(key, 'refused')) === code) return;
    await ledger.redis.hset(key, 'refused', code);
    log.error({ escalation: id, fault }, 'Slack refuses a message; it is tried every 10 minutes');
  }

  return { deliver };
}
