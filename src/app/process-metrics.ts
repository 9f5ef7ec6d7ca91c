import { collectDefaultMetrics } from 'prom-client';
import type { Metrics } from '../lib/metrics.js';
import { ownVersion } from '../lib/version.js';

/** Exports what this process is and takes: `jidoka_build_info`, `process_…` and `nodejs_…`. Once for each process. */
export function exportProcess({
  registry,
  buildInfo,
}: Pick<Metrics, 'registry' | 'buildInfo'>): void {
  collectDefaultMetrics({ register: registry });
  buildInfo.set({ version: ownVersion(), node: process.versions.node }, 1);
}
