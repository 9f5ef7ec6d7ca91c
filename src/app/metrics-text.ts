import { AggregatorRegistry } from 'prom-client';
import type { Metrics } from '../metrics.js';
import type { MetricJson } from './acting-half.js';

/**
 * All metrics of this process in Prometheus' text format. What Redis or the acting half does not tell is
 * left out, and a gauge says so.
 *
 * @param options.collect brings those up to date that come from Redis
 * @param options.acting the metrics of an acting half with a registry of its own; throws where nobody acts
 */
export function createMetricsText(options: {
  readonly metrics: Metrics;
  readonly collect: () => Promise<void>;
  readonly acting: () => Promise<MetricJson[]>;
}): () => Promise<string> {
  const { metrics, collect, acting } = options;
  return async () => {
    const [gauges, others] = await Promise.allSettled([collect(), acting()]);
    metrics.redisUp.set(gauges.status === 'fulfilled' ? 1 : 0);
    metrics.actingUp.set(others.status === 'fulfilled' ? 1 : 0);
    const own = await metrics.registry.getMetricsAsJSON();
    const all = others.status === 'fulfilled' ? [own, others.value] : [own];
    return AggregatorRegistry.aggregate(all).metrics();
  };
}
