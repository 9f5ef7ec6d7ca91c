import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';

/** Longer than any job waits to be tried again: the last of its attempts comes after 64 s. */
const maxRetryMs = 120_000;
const readConcurrency = 1_000;
/** BullMQ keeps the time at which a delayed job is due, times this, as its score. */
const scorePerMs = 0x1000;

/**
 * Finds the jobs that are to be tried again much later than they ever should: they were put off while the
 * clock of a worker was ahead, and would wait until then. Has them tried at once. Throws what Redis throws.
 *
 * @param dueOf when a job is due by its id; `null`: a job of this queue is due as soon as it is there
 */
export async function bringForward(
  redis: Redis,
  queue: Queue,
  dueOf: (id: string) => number | null,
): Promise<void> {
  const nowMs = Date.now();
  const found = await redis.zrevrangebyscore(
    queue.toKey('delayed'),
    '+inf',
    (nowMs + maxRetryMs) * scorePerMs,
    'WITHSCORES',
    'LIMIT',
    0,
    readConcurrency,
  );
  for (let index = 0; index < found.length; index += 2) {
    const id = found[index] ?? '';
    const putOffToMs = Number(found[index + 1]) / scorePerMs;
    if (putOffToMs <= Math.max(dueOf(id) ?? 0, nowMs) + maxRetryMs) continue;
    await (await queue.getJob(id))?.promote();
  }
}
