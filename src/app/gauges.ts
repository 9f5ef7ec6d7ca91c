import { pauseField } from '../guard/pause.js';
import { createPauses } from '../guard/pauses.js';
import { clockSkewMs } from '../ledger/clock-skew.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Clock } from '../lib/clock.js';
import type { Metrics } from '../lib/metrics.js';
import type { ProbeFinding } from '../queue/probe.js';
import type { Queues } from '../queue/queues.js';
import type { QueueWatch } from '../queue/stuck.js';
import { watchedQueues } from '../queue/stuck.js';
import { redisDurability } from './redis-durability.js';
import { readRedisMemory } from './redis-memory.js';

const durabilityEveryMs = 60_000;

/**
 * Brings the gauges that are read from Redis up to date, for a scrape. Throws what ioredis throws; the
 * gauges then have no values, rather than old ones.
 *
 * @param options.probe what Redis does not do although the work needs it
 * @param options.watch whether what was taken is worked off
 */
export function createGauges(options: {
  readonly ledger: Ledger;
  readonly queues: Queues;
  readonly probe: () => Promise<ProbeFinding | null>;
  readonly watch: Pick<QueueWatch, 'stuck'>;
  readonly metrics: Metrics;
  readonly clock: Clock;
}): () => Promise<void> {
  const { ledger, queues, probe, watch, metrics, clock } = options;
  const { redis, keys } = ledger;
  const pauses = createPauses({ ledger, clock });
  let durabilityAtMs = Number.NEGATIVE_INFINITY;

  return async function collect(): Promise<void> {
    for (const queue of watchedQueues) {
      const isStuck = watch.stuck().some((one) => one.queue === queue);
      metrics.queueStuck.set({ queue }, isStuck ? 1 : 0);
    }
    try {
      // first, and by itself: a Redis that refuses to be asked may still say so
      metrics.redisUsable.set((await probe()) === null ? 1 : 0);
    } catch {
      metrics.redisUsable.remove();
    }
    try {
      await read();
    } catch (error) {
      forget();
      throw error;
    }
  };

  function forget(): void {
    const { jobs, queueSeconds, redisDurable, pausedSeconds } = metrics;
    for (const gauge of [jobs, queueSeconds, redisDurable, pausedSeconds]) gauge.reset();
    const { undelivered, undeliveredSeconds, held, heldSeconds, openBreakers } = metrics;
    const { open, openSeconds } = metrics;
    const single = [
      undelivered,
      undeliveredSeconds,
      held,
      heldSeconds,
      openBreakers,
      open,
      openSeconds,
    ];
    metrics.clockSkew.remove();
    const ofMemory = [metrics.redisMemory, metrics.redisMemoryLimit];
    for (const gauge of [...single, ...ofMemory]) gauge.remove();
    durabilityAtMs = Number.NEGATIVE_INFINITY;
  }

  async function read(): Promise<void> {
    const nowMs = clock.now();
    const seconds = (sinceMs: number | null) =>
      sinceMs === null ? 0 : Math.max(0, nowMs - sinceMs) / 1_000;
    const [counts, oldest, undelivered, held, open, paused, breakers, memory, skewMs] =
      await Promise.all([
        queues.counts(),
        queues.oldest(),
        countAndOldest(keys.undelivered),
        countAndOldest(keys.held),
        countAndOldest(keys.openEscalations),
        pauses.list(),
        redis.hlen(keys.breakers),
        readRedisMemory(redis),
        clockSkewMs(redis, clock),
      ]);
    if (skewMs !== null) metrics.clockSkew.set(skewMs / 1_000);
    for (const { queue, state, count } of counts) metrics.jobs.set({ queue, state }, count);
    for (const { queue, sinceMs } of oldest) metrics.queueSeconds.set({ queue }, seconds(sinceMs));
    metrics.undelivered.set(undelivered.count);
    metrics.undeliveredSeconds.set(seconds(undelivered.sinceMs));
    metrics.held.set(held.count);
    metrics.open.set(open.count);
    metrics.openSeconds.set(seconds(open.sinceMs));
    metrics.pausedSeconds.reset();
    for (const pause of paused) {
      metrics.pausedSeconds.set({ scope: pauseField(pause) }, seconds(pause.sinceMs));
    }
    metrics.openBreakers.set(breakers);
    if (memory.usedBytes === undefined) metrics.redisMemory.remove();
    else metrics.redisMemory.set(memory.usedBytes);
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
