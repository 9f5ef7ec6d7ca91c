import { Hono } from 'hono';
import type { ConsoleEnv } from '../console/visit.js';

/** The console beside the receiver: what is no place of the console goes to the receiver as it came. */
export function createSite(console: Hono<ConsoleEnv>, receiver: Hono): Hono {
  const site = new Hono();
  site.route('/', console);
  site.notFound((c) => receiver.fetch(c.req.raw, c.env));
  return site;
}
