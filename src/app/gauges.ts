import type { Clock } from '../clock.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Metrics } from '../metrics.js';
import type { Queues } from '../queue/queues.js';
import { redisDurability } from './redis-durability.js';
import { readRedisMemory } from './redis-memory.js';

const durabilityEveryMs = 60_000;

/**
 * Brings the gauges that are read from Redis up to date, for a scrape. Throws what ioredis throws; the
 * gauges then have no values, rather than old ones.
 */
export function createGauges(options: {
  readonly ledger: Ledger;
  readonly queues: Queues;
  readonly metrics: Metrics;
  readonly clock: Clock;
}): () => Promise<void> {
  const { ledger, queues, metrics, clock } = options;
  const { redis, keys } = ledger;
  let durabilityAtMs = Number.NEGATIVE_INFINITY;

  return async function collect(): Promise<void> {
    try {
      await read();
    } catch (error) {
      forget();
      throw error;
    }
  };

  function forget(): void {
    for (const gauge of [metrics.jobs, metrics.queueSeconds, metrics.redisDurable]) gauge.reset();
    const { undelivered, undeliveredSeconds, held, heldSeconds, openBreakers } = metrics;
    const single = [undelivered, undeliveredSeconds, held, heldSeconds, openBreakers];
    const ofMemory = [metrics.redisMemory, metrics.redisMemoryLimit];
    for (const gauge of [...single, ...ofMemory]) gauge.remove();
    durabilityAtMs = Number.NEGATIVE_INFINITY;
  }

  async function read(): Promise<void> {
    const nowMs = clock.now();
    const seconds = (sinceMs: number | null) =>
      sinceMs === null ? 0 : Math.max(0, nowMs - sinceMs) / 1_000;
    const [counts, oldest, undelivered, held, breakers, memory] = await Promise.all([
      queues.counts(),
      queues.oldest(),
      countAndOldest(keys.undelivered),
      countAndOldest(keys.held),
      redis.hlen(keys.breakers),
      readRedisMemory(redis),
    ]);
    for (const { queue, state, count } of counts) metrics.jobs.set({ queue, state }, count);
    for (const { queue, sinceMs } of oldest) metrics.queueSeconds.set({ queue }, seconds(sinceMs));
    metrics.undelivered.set(undelivered.count);
    metrics.undeliveredSeconds.set(seconds(undelivered.sinceMs));
    metrics.held.set(held.count);
    metrics.openBreakers.set(breakers);
    metrics.redisMemory.set(memory.usedBytes);
    if (memory.limitBytes === undefined) metrics.redisMemoryLimit.remove();
    else metrics.redisMemoryLimit.set(memory.limitBytes);
    metrics.heldSeconds.set(seconds(held.sinceMs));
    if (durabilityAtMs + durabilityEveryMs > nowMs) return;
    metrics.redisDurable.reset();
    for (const [setting, isDurable] of await redisDurability(redis)) {
      metrics.redisDurable.set({ setting }, isDurable ? 1 : 0);
    }
    durabilityAtMs = nowMs;
  }

  async function countAndOldest(key: string) {
    const [count, [, oldest]] = await Promise.all([
      redis.zcard(key),
      redis.zrange(key, '0', '0', 'WITHSCORES'),
    ]);
    return { count, sinceMs: oldest === undefined ? null : Number(oldest) };
  }
}
