import { Hono } from 'hono';
import { messageOf } from '../errors.js';
import type { Logger } from '../logger.js';
import type { Metrics } from '../metrics.js';

/**
 * Whether the engine can do its work, check by check. A reload that failed keeps it from nothing: it
 * is told here, and does not make it less ready.
 */
export interface Readiness {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly detail: string }>>;
}

/** What tells how an engine is. */
export interface HealthParts {
  readonly readiness: () => Promise<Readiness>;
  /** The metrics in Prometheus' text format. */
  readonly metricsText: () => Promise<string>;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/**
 * What Prometheus and orchestrators ask. `/-/healthy`: the process lives, whatever its parts do; for
 * whoever restarts it. `/-/ready`: it can take notifications and act on them; for load balancers.
 * `/metrics`: the figures.
 */
export function createHealth({ readiness, metricsText, metrics, log }: HealthParts): Hono {
  const health = new Hono();

  health.get('/-/healthy', (c) => c.text('ok'));

  health.get('/-/ready', async (c) => {
    try {
      const state = await readiness();
      return c.json(state, state.ready ? 200 : 503);
    } catch (error) {
      log.error({ fault: messageOf(error) }, 'readiness could not be checked');
      const readiness = { ok: false, detail: 'it could not be checked; the log says why' };
      return c.json({ ready: false, checks: { readiness } }, 503);
    }
  });

  health.get('/metrics', async (c) =>
    c.body(await metricsText(), 200, { 'content-type': metrics.registry.contentType }),
  );

  return health;
}
