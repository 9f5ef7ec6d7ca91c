import { type JobsOptions, Queue, RedisConnection } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Received } from '../engine/received.js';
import { messageOf } from '../errors.js';
import { isConnectionLost } from '../ledger/redis-fault.js';
import type { Logger } from '../logger.js';

export const queueNames = ['intake', 'work', 'messages'] as const;
export type QueueName = (typeof queueNames)[number];

/** What a job of this version is called; another form of the data gets another name. */
export const jobNames: ReadonlySet<string> = new Set(['notification', 'item']);

/** An item of the agenda as a job: `run:…`, `episode:…`, `case:…`, `expiry:…`, `message:…`. */
export interface ItemJob {
  readonly item: string;
}

/*
 * BullMQ looks at the version and the eviction policy of Redis for each of its connections and prints
 * what it thinks of them each time. The start looks once and reports it; with `skipVersionCheck` BullMQ
 * then takes Redis for the oldest that it knows, unless it is told the oldest that we run on.
 */
RedisConnection.minimumVersion = '7.0.0';

const notificationOptions: JobsOptions = {
  attempts: 8,
  backoff: { type: 'exponential', delay: 500 },
  removeOnComplete: true,
  // It does not leave the queue before it is taken in or reported; see putBack.
  removeOnFail: false,
};

const itemOptions: JobsOptions = {
  attempts: 5,
  backoff: { type: 'exponential', delay: 500 },
  removeOnComplete: true,
  removeOnFail: true,
};

/** What `createQueues` gives. */
export type Queues = ReturnType<typeof createQueues>;

/** Puts work into BullMQ's queues. */
export function createQueues({
  connection,
  cell,
  log,
}: {
  readonly connection: Redis;
  readonly cell: string;
  readonly log: Logger;
}) {
  const options = {
    connection,
    prefix: queuePrefix(cell),
    skipWaitingForReady: true,
    skipVersionCheck: true,
  };
  const intake = new Queue<Received>('intake', options);
  const work = new Queue<ItemJob>('work', options);
  const messages = new Queue<ItemJob>('messages', options);
  const all = { intake, work, messages };
  for (const queue of queueNames) {
    all[queue].on('error', (error) => {
      if (!isConnectionLost(error)) log.warn({ queue, fault: messageOf(error) }, 'queue');
    });
  }

  /**
   * Puts a notification durably into the queue.
   *
   * @throws what ioredis throws when Redis does not take it.
   */
  async function enqueue(received: Received): Promise<void> {
    await intake.add('notification', received, notificationOptions);
  }

  /** Has an item of the agenda looked at when it is due. The same item for the same time is one job. */
  async function wake(item: string, atMs: number): Promise<void> {
    const queue = item.startsWith('message:') ? messages : work;
    const due = Math.round(atMs);
    await queue.add(
      'item',
      { item },
      {
        ...itemOptions,
        jobId: `${item.replace(':', '-')}@${due}`,
        delay: Math.max(0, due - Date.now()),
      },
    );
  }

  /** How many jobs each queue has, by state. */
  async function counts(): Promise<{ queue: QueueName; state: string; count: number }[]> {
    const lists = await Promise.all(
      queueNames.map(async (queue) => {
        const states = await all[queue].getJobCounts('wait', 'active', 'delayed', 'failed');
        return Object.entries(states).map(([state, count]) => ({ queue, state, count }));
      }),
    );
    return lists.flat();
  }

  /** For each queue, when its oldest waiting job was put there; `null`: none waits. */
  async function oldest(): Promise<{ queue: QueueName; sinceMs: number | null }[]> {
    return Promise.all(
      queueNames.map(async (queue) => {
        const [job] = await all[queue].getJobs(['wait'], 0, 0, true);
        // a delayed job waits since it is due
        return { queue, sinceMs: job === undefined ? null : job.timestamp + job.delay };
      }),
    );
  }

  /**
   * Has notifications tried again that BullMQ itself gave up, as it does when Redis refuses even the
   * note that they wait.
   */
  async function putBack(): Promise<void> {
    await intake.retryJobs({ state: 'failed' });
  }

  return { enqueue, wake, counts, oldest, putBack };
}

/** The prefix of BullMQ's keys; the hash tag keeps a cell's keys in one slot of a Redis Cluster. */
export function queuePrefix(cell: string): string {
  return `{${cell}}`;
}
