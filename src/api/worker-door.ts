import { Hono } from 'hono';
import { createHealth, type HealthParts } from './health.js';

const shownCharacters = 200;

/**
 * What an engine answers that only acts: how it is. Whatever is posted to it belongs to a receiver and is
 * refused with 503, so that Alertmanager keeps it and sends it again; it drops what gets a 404.
 */
export function createWorkerDoor(parts: HealthParts): Hono {
  const door = new Hono();
  door.route('/', createHealth(parts));

  door.notFound((c) => {
    const { method, path } = c.req;
    const error =
      'this engine is a worker (JIDOKA_ROLE=worker) and answers only GET /-/healthy, GET /-/ready and GET /metrics; use an engine with JIDOKA_ROLE=receiver or all';
    if (method === 'GET' || method === 'HEAD') return c.json({ error }, 404);
    parts.log.warn(
      { path: path.slice(0, shownCharacters) },
      'request refused: this engine is a worker',
    );
    parts.metrics.refusals.inc({ route: 'unknown', reason: 'unknown_path' });
    return c.json({ error }, 503, { 'retry-after': '5' });
  });

  return door;
}
