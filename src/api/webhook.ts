import { Hono } from 'hono';
import { webhookPath } from '../alertmanager/receivers.js';
import { readBody } from '../lib/http/body.js';
import { remoteAddress } from '../lib/http/remote-address.js';
import { createTakeNotification, type TakeNotificationParts } from './take-notification.js';

/** `POST /webhooks/alertmanager`; most of what comes there goes the short way of `webhook-listener.ts`. */
export function createWebhook(parts: TakeNotificationParts): Hono {
  const take = createTakeNotification(parts);
  const webhook = new Hono();

  webhook.post(webhookPath, async (c) => {
    const { status, body, headers } = await take({
      header: (name) => c.req.header(name),
      body: (maxBytes) => readBody(c.req.raw, maxBytes),
      from: remoteAddress(c),
    });
    return c.json(body, status, headers);
  });

  return webhook;
}
