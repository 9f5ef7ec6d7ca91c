import { type JobsOptions, Queue, RedisConnection } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Posted, Received } from '../alertmanager/received.js';
import { isConnectionLost } from '../ledger/redis-fault.js';
import { readScheduleItem, type ScheduleItem } from '../ledger/schedule-item.js';
import { messageOf } from '../lib/errors.js';
import type { Logger } from '../lib/logger.js';
import { createBackpressure } from './backpressure.js';
import { createGroupCommit, OverloadedError } from './group-commit.js';
import {
  type IntakeJob,
  jobOf,
  postedText,
  receivedText,
  sizeOf,
  type Text,
} from './intake-job.js';
import { queueOf } from './item-queue.js';
import { bringForward } from './strays.js';
import { createWaitingJobs } from './waiting-jobs.js';

export const queueNames = ['intake', 'work', 'messages', 'evidence'] as const;
export type QueueName = (typeof queueNames)[number];

/** An item of the schedule as a job. */
export interface ItemJob {
  readonly item: ScheduleItem;
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

/** What a job is before anybody has touched it. */
const untouched = {
  id: '',
  progress: 0,
  attemptsMade: 0,
  attemptsStarted: 0,
  stalledCounter: 0,
  failedReason: '',
  returnvalue: '',
} as const;

const itemOptions: JobsOptions = {
  attempts: 5,
  backoff: { type: 'exponential', delay: 500 },
  removeOnComplete: true,
  removeOnFail: true,
};

/** A job is worked off as a whole, so it takes no longer than a moment; a single notification is not split. */
const together = {
  maxItems: 100,
  maxBytes: 512 * 1024,
  // several of the largest notifications that the receiver takes
  maxWaitingBytes: 128 * 1024 * 1024,
};

/** How much of Alertmanager's notifications waits in Redis at most, about; packed it is a fraction of what came. */
const defaultMaxQueuedBytes = 128 * 1024 * 1024;

/** What `createQueues` gives. */
export type Queues = ReturnType<typeof createQueues>;

/** Puts work into BullMQ's queues. */
export function createQueues({
  connection,
  cell,
  maxQueuedBytes = defaultMaxQueuedBytes,
  log,
}: {
  readonly connection: Redis;
  readonly cell: string;
  readonly maxQueuedBytes?: number;
  readonly log: Logger;
}) {
  const options = {
    connection,
    prefix: queuePrefix(cell),
    skipWaitingForReady: true,
    skipVersionCheck: true,
  };
  const intake = new Queue<IntakeJob>('intake', options);
  const work = new Queue<ItemJob>('work', options);
  const messages = new Queue<ItemJob>('messages', options);
  const evidence = new Queue<ItemJob>('evidence', options);
  const all = { intake, work, messages, evidence };
  for (const queue of queueNames) {
    all[queue].on('error', (error) => {
      if (!isConnectionLost(error)) log.warn({ queue, fault: messageOf(error) }, 'queue error');
    });
  }

  const ofIntake = { redis: connection, keyOf: (name: string) => intake.toKey(name) };
  const backlog = createWaitingJobs({ ...ofIntake, log });
  const room = createBackpressure({ ...ofIntake, maxBytes: maxQueuedBytes });
  const arrivals = createGroupCommit<Text>({
    ...together,
    write: async (entries) => backlog.note(await add(jobOf(entries)), entries),
  });

  /**
   * Puts a job of notifications into the queue; gives back its id. BullMQ's own `add` would write them
   * out again.
   */
  function add({ name, data }: ReturnType<typeof jobOf>): Promise<string> {
    room.note(data.length);
    return intake.getBackend().addJob(
      {
        ...untouched,
        name,
        // ioredis sends bytes as they are
        data: data as unknown as string,
        opts: notificationOptions,
        timestamp: Date.now(),
      },
      '',
    );
  }

  /**
   * Puts a notification durably into the queue. Those that arrive while another is being written are
   * written together, as one job.
   *
   * @throws what ioredis throws when Redis does not take it, and an OverloadedError when too much waits
   *   to be written.
   */
  function enqueue(received: Received): Promise<void> {
    const entry = receivedText(received);
    return arrivals.put(entry, sizeOf(entry));
  }

  /** The same for one of Alertmanager, which comes again where too much waits in Redis already. */
  async function enqueuePosted(posted: Posted): Promise<void> {
    if (!(await room.hasRoom())) {
      throw new OverloadedError('too many notifications wait in Redis');
    }
    const entry = postedText(posted);
    return arrivals.put(entry, sizeOf(entry));
  }

  /**
   * Puts notifications into the queue as a job each.
   *
   * @throws what ioredis throws when Redis does not take all of them; then some may be there.
   */
  async function enqueueApart(notifications: readonly Received[]): Promise<void> {
    await Promise.all(notifications.map((one) => add(jobOf([receivedText(one)]))));
  }

  /** Makes a job of an item of the schedule, for the time when it is due. The same item for the same time is one job. */
  async function enqueueItem(item: ScheduleItem, atMs: number): Promise<void> {
    const due = Math.round(atMs);
    await all[queueOf(item)].add(
      'item',
      { item },
      {
        ...itemOptions,
        jobId: itemJobId(item, due),
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
        const [id] = await all[queue].getRanges(['wait'], 0, 0, true);
        if (id === undefined) return { queue, sinceMs: null };
        // not the whole job, which may hold the alerts of a storm
        const [putAtMs, delayMs] = await connection.hmget(
          all[queue].toKey(id),
          'timestamp',
          'delay',
        );
        // a delayed job waits since it is due; one that was just taken waits no more
        const sinceMs = putAtMs == null ? null : Number(putAtMs) + Number(delayMs ?? 0);
        return { queue, sinceMs };
      }),
    );
  }

  /**
   * Has notifications tried again that BullMQ itself gave up, as it does when Redis refuses even the
   * note that they wait; and whatever was put off by a clock that was ahead.
   */
  async function putBack(): Promise<void> {
    await intake.retryJobs({ state: 'failed' });
    await bringForward(connection, intake, () => null);
    for (const queue of [work, messages, evidence])
      await bringForward(connection, queue, dueOfItem);
  }

  return { enqueue, enqueuePosted, enqueueApart, enqueueItem, counts, oldest, putBack };
}

/** The id of the job that has an item looked at when it is due. */
function itemJobId(item: ScheduleItem, dueMs: number): string {
  const { kind, id } = readScheduleItem(item);
  return `${kind}-${id}@${dueMs}`;
}

function dueOfItem(jobId: string): number {
  return Number(jobId.slice(jobId.lastIndexOf('@') + 1));
}

/** The prefix of BullMQ's keys; the hash tag keeps a cell's keys in one slot of a Redis Cluster. */
export function queuePrefix(cell: string): string {
  return `{${cell}}`;
}
