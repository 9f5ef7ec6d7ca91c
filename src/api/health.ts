import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { messageOf } from '../lib/errors.js';
import type { Logger } from '../lib/logger.js';
import type { Metrics } from '../lib/metrics.js';

/**
 * Whether the engine takes alerts in and works them off, check by check. A check that fails is told here. Only
 * a Redis that takes nothing, and a queue that has stood still for a minute, make the engine less ready.
 * A target system that is away does not: alerts are taken in, and wait for it.
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
  /** Whether a request was sent here on purpose (`lib/http/own-name.ts`). */
  readonly isMeantForUs: (c: Context) => boolean;
  readonly metrics: Metrics;
  readonly log: Logger;
}

const misled =
  'unknown host name in the request (a web page could use DNS rebinding): call the engine by its address, set JIDOKA_EXTERNAL_URL to this name, or send a token as "Authorization: Bearer …"';

/**
 * What Prometheus and orchestrators ask. `/-/healthy`: the process lives, whatever its parts do; for
 * the supervisor that restarts it. `/-/ready`: it can take notifications and act on them; for load balancers.
 * `/metrics`: the figures.
 */
export function createHealth(parts: HealthParts): Hono {
  const { readiness, metricsText, isMeantForUs, metrics, log } = parts;
  const health = new Hono();
  const refuseMisled: MiddlewareHandler = async (c, next) => {
    if (isMeantForUs(c)) return next();
    metrics.refusals.inc({ route: 'health', reason: 'forbidden' });
    return c.json({ error: misled }, 403);
  };

  health.get('/-/healthy', (c) => c.text('ok'));

  health.use('/-/ready', refuseMisled);
  health.get('/-/ready', async (c) => {
    try {
      const state = await readiness();
      const { ready, checks } = state;
      // for a person who reads only the beginning
      const degraded = ready && Object.values(checks).some(({ ok }) => !ok);
      return c.json({ ready, degraded, checks }, ready ? 200 : 503);
    } catch (error) {
      log.error({ fault: messageOf(error) }, 'readiness could not be checked');
      const readiness = { ok: false, detail: 'the check failed; see the log' };
      return c.json({ ready: false, degraded: false, checks: { readiness } }, 503);
    }
  });

  health.use('/metrics', refuseMisled);
  health.get('/metrics', async (c) =>
    c.body(await metricsText(), 200, { 'content-type': metrics.registry.contentType }),
  );

  return health;
}
