import { createHmac } from 'node:crypto';
import type { Clock } from '../../lib/clock.js';
import { messageOf } from '../../lib/errors.js';

/** What somebody who is not Slack would send. */
export interface Forgery {
  /** Instead of the signature. */
  readonly signature?: string;
  /** Seconds since the Unix epoch, correctly signed. */
  readonly timestampS?: number;
}

/** How the app answered an interaction. */
export interface Acknowledged {
  readonly status: number;
  readonly body: string;
  readonly elapsedMs: number;
}

/** Slack waits no longer for an acknowledgement. */
export const patienceMs = 3000;

/**
 * Sends an interaction as Slack does over HTTP: a signed form with one `payload`.
 *
 * @throws when the app does not answer within 3 s
 */
export async function sendSigned(
  payload: Readonly<Record<string, unknown>>,
  to: {
    readonly url: string;
    readonly clock: Clock;
    readonly signingSecret: string;
    readonly forge?: Forgery | undefined;
  },
): Promise<Acknowledged> {
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const timestamp = String(to.forge?.timestampS ?? Math.floor(to.clock.now() / 1000));
  const signature = to.forge?.signature ?? sign(to.signingSecret, timestamp, body);
  const startedAt = performance.now();
  try {
    const response = await fetch(to.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': signature,
      },
      body,
      signal: AbortSignal.timeout(patienceMs),
    });
    const answer = await response.text();
    return { status: response.status, body: answer, elapsedMs: performance.now() - startedAt };
  } catch (error) {
    throw new Error(
      `The click was not acknowledged within ${patienceMs} ms by ${to.url}: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

/** Slack's signature, version 0: HMAC-SHA256 over version, timestamp and raw body. */
function sign(secret: string, timestamp: string, body: string): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
}
