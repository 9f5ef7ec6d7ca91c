import { type Context, Hono } from 'hono';
import { checkNotification, type PostedNotification } from '../alert/payload.js';
import type { Clock } from '../clock.js';
import type { Posted } from '../engine/received.js';
import { InputError, messageOf } from '../errors.js';
import { remoteAddress } from '../http/remote-address.js';
import { presentsToken } from '../http/token.js';
import type { Logger } from '../logger.js';
import type { Metrics } from '../metrics.js';
import { mendText, parseJson, readBody } from './body.js';
import { isFromBrowser } from './caller.js';

interface WebhookParts {
  /** Puts a notification durably into the queue. @throws when Redis does not take it. */
  readonly enqueuePosted: (posted: Posted) => Promise<void>;
  readonly metrics: Metrics;
  /** `undefined`: whoever reaches the port may post. */
  readonly webhookToken: string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What became of a notification, as it is counted. */
const refusals = ['unauthorized', 'too_large', 'not_json', 'not_v4', 'unavailable'] as const;
type Refusal = (typeof refusals)[number];

const maxBodyBytes = 32 * 1024 * 1024;

/**
 * `POST /webhooks/alertmanager`. A 2xx promises that the notification lies in Redis. Alertmanager
 * sends again after a 5xx only, and drops a notification after any other refusal (`notify/util.go` in
 * its source): so what is temporary, or not understood, is always 503.
 */
export function createWebhook({
  enqueuePosted,
  metrics,
  webhookToken,
  clock,
  log,
}: WebhookParts): Hono {
  const webhook = new Hono();
  // A counter that begins at 1 has not increased, as Prometheus sees it.
  for (const outcome of ['accepted', ...refusals]) metrics.notifications.inc({ outcome }, 0);

  webhook.post('/webhooks/alertmanager', async (c) => {
    const receivedAtMs = clock.now();
    if (webhookToken === undefined) {
      if (isFromBrowser(c)) return refuseBrowser(c);
    } else if (!presentsToken(c.req.header('authorization'), webhookToken, { basic: true })) {
      return refuseStranger(c);
    }

    const bytes = await readBody(c.req.raw, maxBodyBytes);
    if (bytes === null) {
      count(c, 'too_large');
      return c.json({ error: `body: expected at most ${maxBodyBytes} bytes`, path: 'body' }, 413);
    }
    let refusal: Refusal = 'not_json';
    let notification: PostedNotification;
    try {
      const body = parseJson(bytes);
      refusal = 'not_v4';
      notification = checkNotification(body);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      count(c, refusal, refusal === 'not_json' ? error.message : error.path);
      return c.json({ error: error.message, path: error.path }, 400);
    }

    await enqueuePosted({ receivedAtMs, body: mendText(bytes) });
    metrics.notifications.inc({ outcome: 'accepted' });
    return c.json({ status: 'queued', alerts: notification.alerts.length });
  });

  webhook.onError((error, c) => {
    count(c, 'unavailable', messageOf(error));
    const message = 'the notification could not be stored and was not taken; send it again';
    return c.json({ error: message }, 503, { 'retry-after': '5' });
  });

  function refuseStranger(c: Context): Response {
    count(c, 'unauthorized');
    const message =
      'expected the token in JIDOKA_WEBHOOK_TOKEN, as a bearer token or as the password of basic authentication';
    const challenge = 'Bearer realm="jidoka", Basic realm="jidoka"';
    return c.json({ error: message }, 401, { 'www-authenticate': challenge });
  }

  function refuseBrowser(c: Context): Response {
    count(c, 'unauthorized');
    const message =
      'without JIDOKA_WEBHOOK_TOKEN no web page may post here; set it, and send it as a bearer token';
    return c.json({ error: message }, 403);
  }

  /** Never with the body or the token. */
  function count(c: Context, outcome: Refusal, fault?: string): void {
    metrics.notifications.inc({ outcome });
    log.warn({ outcome, fault, from: remoteAddress(c) }, 'notification refused');
  }

  return webhook;
}
