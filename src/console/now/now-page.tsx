import { Hono } from 'hono';
import type { ConsoleParts } from '../parts.js';
import { showPage } from '../show.js';
import type { ConsoleEnv } from '../visit.js';

/** `/`: what is going on. */
export function createNowPage(_parts: ConsoleParts): Hono<ConsoleEnv> {
  const page = new Hono<ConsoleEnv>();
  page.get('/', (c) => showPage(c, { title: 'Now' }, <h1>Now</h1>));
  return page;
}
