import type { RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import type { TakeNotificationParts } from '../api/take-notification.js';
import { createWebhookListener } from '../api/webhook-listener.js';
import { missingPath } from '../console/console.js';
import type { ConsoleEnv } from '../console/visit.js';

/**
 * All that answers on the port: Alertmanager's posts first, then the console, and what is no place of
 * the console goes to the receiver as it came. A browser that asks for a page that is not there gets one
 * that says so.
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
  site.notFound(async (c) => {
    const answer = await receiver.fetch(c.req.raw, c.env);
    if (answer.status !== 404 || !wantsPage(c)) return answer;
    return console.fetch(new Request(new URL(missingPath, c.req.url), c.req.raw), c.env);
  });
  return createWebhookListener({ ...parts, others: getRequestListener(site.fetch) });
}

/** Whether a person at a browser asks, and not a program: the API answers in JSON, whatever is asked for. */
function wantsPage({ req }: Context): boolean {
  const accepts = req.header('accept') ?? '';
  return req.method === 'GET' && accepts.includes('text/html') && !req.path.startsWith('/api/');
}
