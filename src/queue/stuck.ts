import type { Redis } from 'ioredis';
import { createKeys } from '../ledger/keys.js';
import { executed } from '../ledger/pipeline.js';
import { OverloadedError } from './group-commit.js';
import { queuePrefix } from './queues.js';

/** The queues without which no alert is acted on. What is said to people has an alarm of its own. */
export const watchedQueues = ['intake', 'work'] as const;
export type WatchedQueue = (typeof watchedQueues)[number];

/** How often it is looked. */
export const lookAtQueuesEveryMs = 5_000;
/** After so long without a look nothing is known of what happened meanwhile. */
const maxGapMs = 4 * lookAtQueuesEveryMs;
/** How long something waits and nothing is worked off before the queue counts as stuck. */
const stuckAfterMs = 60_000;
/** How often a worker notes that it works a queue off; well below the time after which it counts as stuck. */
const noteEveryMs = 2_000;

/** A queue in which jobs wait and none is worked off. */
export interface StuckQueue {
  readonly queue: WatchedQueue;
  readonly jobs: number;
  readonly forMs: number;
}

/** Whether what was taken in is worked off. */
export interface QueueWatch {
  /** Looks at the queues. @throws what ioredis throws when Redis does not answer. */
  look(): Promise<void>;
  /** The queues that are stuck, as of the last look. */
  stuck(): readonly StuckQueue[];
  /** How many jobs wait, as of the last look. */
  waiting(): number;
  /** @throws OverloadedError while a queue is stuck: what comes now would only wait with the others. */
  refuseIfStuck(): void;
}

interface Seen {
  readonly sinceMs: number;
  readonly workedOff: string | undefined;
  readonly jobs: number;
}

/**
 * Notes in Redis that jobs of a queue are worked off, for engines that only receive; every two seconds at
 * most. Never throws.
 */
export function createWorkNotes(redis: Redis, cell: string): (queue: string) => void {
  const key = createKeys(cell).workedOff;
  const notedAtMs = new Map<string, number>();
  return (queue) => {
    const nowMs = performance.now();
    if ((notedAtMs.get(queue) ?? Number.NEGATIVE_INFINITY) + noteEveryMs > nowMs) return;
    notedAtMs.set(queue, nowMs);
    // a number that changes says it without the clocks of two machines
    redis.hincrby(key, queue, 1).catch(() => {});
  };
}

/**
 * Watches whether the queues are worked off, by whomever. A queue is stuck when something has waited in it
 * for a minute and no worker has noted meanwhile that it worked anything off, however long the queue is.
 *
 * @param options.nowMs a clock that only goes forward
 */
export function createQueueWatch({
  redis,
  cell,
  nowMs = () => performance.now(),
}: {
  readonly redis: Redis;
  readonly cell: string;
  readonly nowMs?: () => number;
}): QueueWatch {
  const key = createKeys(cell).workedOff;
  const keyOf = (queue: WatchedQueue, state: string) => `${queuePrefix(cell)}:${queue}:${state}`;
  const seen = new Map<WatchedQueue, Seen>();
  let lookedAtMs = Number.NEGATIVE_INFINITY;

  async function look(): Promise<void> {
    const [intakeWaits, intakeDelayed, intakeFailed, workWaits, intake, work] = (await executed(
      redis
        .pipeline()
        .llen(keyOf('intake', 'wait'))
        // it is tried again, or BullMQ gave it up; a delayed job of `work` is only not due yet
        .zcard(keyOf('intake', 'delayed'))
        .zcard(keyOf('intake', 'failed'))
        .llen(keyOf('work', 'wait'))
        .hget(key, 'intake')
        .hget(key, 'work'),
    )) as [number, number, number, number, string | null, string | null];
    const atMs = nowMs();
    if (atMs - lookedAtMs > maxGapMs) seen.clear();
    lookedAtMs = atMs;
    note('intake', intakeWaits + intakeDelayed + intakeFailed, intake ?? undefined);
    note('work', workWaits, work ?? undefined);
  }

  function note(queue: WatchedQueue, jobs: number, workedOff: string | undefined): void {
    const before = seen.get(queue);
    const stands = jobs > 0 && before !== undefined && before.workedOff === workedOff;
    seen.set(queue, {
      jobs,
      workedOff,
      sinceMs: stands && before.jobs > 0 ? before.sinceMs : lookedAtMs,
    });
  }

  function stuck(): readonly StuckQueue[] {
    return [...seen]
      .map(([queue, { jobs, sinceMs }]) => ({ queue, jobs, forMs: lookedAtMs - sinceMs }))
      .filter(({ jobs, forMs }) => jobs > 0 && forMs >= stuckAfterMs);
  }

  return {
    look,
    stuck,
    waiting: () => [...seen.values()].reduce((sum, { jobs }) => sum + jobs, 0),
    refuseIfStuck() {
      const [first] = stuck();
      if (first !== undefined) throw new OverloadedError(describeStuck(first));
    },
  };
}

/** A stuck queue in words: what stands, and for how long. */
export function describeStuck({ queue, jobs, forMs }: StuckQueue): string {
  const seconds = Math.round(forMs / 1_000);
  return `${jobs} ${jobs === 1 ? 'job waits' : 'jobs wait'} in the queue ${queue}, and no worker has worked one off for ${seconds} s`;
}
