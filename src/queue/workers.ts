import { setTimeout as sleep } from 'node:timers/promises';
import { type Job, type Processor, Worker, type WorkerOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Received } from '../engine/received.js';
import { messageOf } from '../errors.js';
import type { Logger } from '../logger.js';
import { type ItemJob, type QueueName, queuePrefix } from './queues.js';

/** What is done with the jobs. Each may be called twice for one job, and again after a crash. */
export interface Handlers {
  notification(received: Received): Promise<void>;
  item(item: string): Promise<void>;
  message(item: string): Promise<void>;
  /** A job has failed for the last time. */
  notificationFailed(received: Received, error: Error): Promise<void>;
  itemFailed(item: string, error: Error): Promise<void>;
}

interface Options {
  readonly connection: Redis;
  readonly cell: string;
  readonly handlers: Handlers;
  /**
   * How long a job is its worker's alone unless the worker says again that it lives. The job of a
   * worker that died is given to another one within twice that time.
   */
  readonly lockMs?: number;
  readonly log: Logger;
}

/** Short, so that a crash holds nothing up for long; a worker that was only slow does no harm. */
const usualLockMs = 10_000;

/** A worker that dies takes its job with it again and again; only a job's own failures count against it. */
const mostStalls = 1_000_000;
const closingMs = 1_000;

/** Runs BullMQ's workers. They begin at once. */
export function createWorkers({ connection, cell, handlers, lockMs = usualLockMs, log }: Options) {
  let inWork = 0;

  function start<Data>(
    name: QueueName,
    concurrency: number,
    process: (data: Data) => Promise<void>,
    failed: (data: Data, error: Error) => Promise<void>,
  ): Worker<Data> {
    const options: WorkerOptions = {
      connection,
      prefix: queuePrefix(cell),
      skipVersionCheck: true,
      concurrency,
      lockDuration: lockMs,
      stalledInterval: lockMs / 2,
      maxStalledCount: mostStalls,
    };
    const processor: Processor<Data> = async (job) => {
      inWork += 1;
      try {
        await process(job.data);
      } finally {
        inWork -= 1;
      }
    };
    const worker = new Worker<Data>(name, processor, options);
    worker.on('error', (error) => log.warn({ queue: name, fault: messageOf(error) }, 'queue'));
    worker.on('failed', (job, error) => {
      log.error({ queue: name, job: job?.id, err: error }, 'job failed');
      if (job === undefined || !isLastFailure(job)) return;
      failed(job.data, error).catch((fault) =>
        log.error({ queue: name, job: job.id, err: fault }, 'failure could not be reported'),
      );
    });
    return worker;
  }

  const workers = [
    start<Received>('intake', 4, handlers.notification, handlers.notificationFailed),
    start<ItemJob>(
      'work',
      20,
      ({ item }) => handlers.item(item),
      ({ item }, error) => handlers.itemFailed(item, error),
    ),
    start<ItemJob>(
      'messages',
      4,
      ({ item }) => handlers.message(item),
      async () => {},
    ),
  ];

  /**
   * Takes no more jobs and lets those in work finish, for at most `withinMs`; what is cut off is
   * delivered again. BullMQ's own closing waits for as long as Redis is away, so it is not waited for
   * beyond a moment: the caller ends the connections.
   */
  async function close(withinMs: number): Promise<void> {
    const closed = Promise.all(workers.map((worker) => worker.close()));
    const giveUpAt = Date.now() + withinMs;
    while (inWork > 0 && Date.now() < giveUpAt) await sleep(20);
    if (inWork > 0) log.warn({ jobs: inWork }, 'jobs were cut off; they are delivered again');
    await Promise.race([closed, sleep(closingMs)]);
  }

  return { close };
}

function isLastFailure(job: Job): boolean {
  return job.attemptsMade >= (job.opts.attempts ?? 1);
}
