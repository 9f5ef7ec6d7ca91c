import { AggregatorRegistry } from 'prom-client';
import type { Metrics } from '../lib/metrics.js';
import type { MetricJson } from './worker-handle.js';

/**
 * All metrics of this process in Prometheus' text format. What Redis or the worker does not tell is
 * left out, and a gauge says so.
 *
 * @param options.collect brings those up to date that come from Redis
 * @param options.worker the metrics of a worker with a registry of its own; throws where no one acts
 */
export function createMetricsText(options: {
  readonly metrics: Metrics;
  readonly collect: () => Promise<void>;
  readonly worker: () => Promise<MetricJson[]>;
}): () => Promise<string> {
  const { metrics, collect, worker } = options;
  return async () => {
    const [gauges, others] = await Promise.allSettled([collect(), worker()]);
    metrics.redisUp.set(gauges.status === 'fulfilled' ? 1 : 0);
    metrics.actingUp.set(others.status === 'fulfilled' ? 1 : 0);
    const own = await metrics.registry.getMetricsAsJSON();
    const all = others.status === 'fulfilled' ? [own, others.value] : [own];
    return AggregatorRegistry.aggregate(all).metrics();
  };
}
