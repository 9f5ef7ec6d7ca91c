import type { RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import type { TakeNotificationParts } from '../api/take-notification.js';
import { createWebhookListener } from '../api/webhook-listener.js';
import type { ConsoleEnv } from '../console/visit.js';

/**
 * All that answers on the port: Alertmanager's posts first, then the console, and what is no place of
 * the console goes to the receiver as it came.
 */
export function createHttpServer({
  console,
  receiver,
  ...parts
}: TakeNotificationParts & {
  readonly console: Hono<ConsoleEnv>;
  readonly receiver: Hono;
}): RequestListener {
  const site = new Hono();
  site.route('/', console);
  site.notFound((c) => receiver.fetch(c.req.raw, c.env));
  return createWebhookListener({ ...parts, others: getRequestListener(site.fetch) });
}
