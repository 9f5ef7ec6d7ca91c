import type { MiddlewareHandler } from 'hono';
import type { Metrics } from '../lib/metrics.js';

/** Why a request is refused, by the status that it is refused with; a 404 or 409 is an answer. */
const reasons: Readonly<Record<number, string>> = {
  400: 'invalid',
  401: 'unauthorized',
  403: 'forbidden',
  413: 'too_large',
  415: 'not_json',
  422: 'invalid',
  503: 'unavailable',
};

/** Counts the requests of a route that are refused. It goes before whatever may refuse them. */
export function createRefusalCounter({
  route,
  metrics,
}: {
  readonly route: 'api' | 'slack' | 'reload' | 'prometheus';
  readonly metrics: Metrics;
}): MiddlewareHandler {
  return async (c, next) => {
    await next();
    const reason = reasons[c.res.status];
    if (reason !== undefined) metrics.refusals.inc({ route, reason });
  };
}
