import { setTimeout as sleep } from 'node:timers/promises';
import { DelayedError, type Job, type Processor, Worker, type WorkerOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Received } from '../alertmanager/received.js';
import { isConnectionLost, isRedisFault } from '../ledger/redis-fault.js';
import type { ScheduleItem } from '../ledger/schedule-item.js';
import { messageOf } from '../lib/errors.js';
import type { Logger } from '../lib/logger.js';
import { arrivalsName, type IntakeJob, notificationsOf, packedName } from './intake-job.js';
import { type ItemJob, type QueueName, queuePrefix } from './queues.js';
import { createWorkNotes } from './stuck.js';

/** The jobs that this version knows. */
const jobNames: ReadonlySet<string> = new Set([arrivalsName, packedName, 'item']);

/** What is done with the jobs. Each may be called twice for one job, and again after a crash. */
export interface Handlers {
  /** Takes in what arrived together. */
  notifications(batch: readonly Received[]): Promise<void>;
  /** Makes jobs of their own of notifications that cannot be taken in together. */
  apart(batch: readonly Received[]): Promise<void>;
  item(item: string): Promise<void>;
  message(item: ScheduleItem): Promise<void>;
  evidence(item: ScheduleItem): Promise<void>;
  /** A job has failed for the last time, by its own fault. It stays until this has succeeded. */
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
const defaultLockMs = 10_000;

/** A worker that dies takes its job with it again and again; only a job's own failures count against it. */
const maxStalls = 1_000_000;
const closingMs = 1_000;
/** How soon and how late a job is tried again that failed by no fault of its own. */
const minBackoffMs = 500;
const maxBackoffMs = 10_000;
/** How often it is said that jobs wait, or that the same is in the way of a queue. */
const waitingAgainMs = 60_000;
/** How long a job that this version does not know is left to workers of a newer one. */
const leaveForMs = 5_000;

/** Runs BullMQ's workers. They begin at once. */
export function createWorkers({
  connection,
  cell,
  handlers,
  lockMs = defaultLockMs,
  log,
}: Options) {
  let inWork = 0;
  let saidWaitingAtMs = Number.NEGATIVE_INFINITY;
  const lastFaults = new Map<QueueName, { readonly fault: string; readonly saidAtMs: number }>();
  const noteWork = createWorkNotes(connection, cell);

  /** Loud, but not for every job of a storm. */
  function sayWaiting(queue: QueueName, fault: unknown): void {
    if (saidWaitingAtMs + waitingAgainMs > Date.now()) return;
    saidWaitingAtMs = Date.now();
    log.error({ queue, fault: messageOf(fault) }, 'jobs failed; they are retried');
  }

  /** A worker that Redis refuses tries again ten times a second. */
  function sayFault(queue: QueueName, fault: string): void {
    const last = lastFaults.get(queue);
    if (last?.fault === fault && last.saidAtMs + waitingAgainMs > Date.now()) return;
    lastFaults.set(queue, { fault, saidAtMs: Date.now() });
    log.warn({ queue, fault }, 'queue error');
  }

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
      maxStalledCount: maxStalls,
    };
    const processor: Processor<Data> = async (job, token) => {
      if (!jobNames.has(job.name)) {
        log.warn({ queue: name, job: job.id }, 'job left to a newer worker');
        await job.moveToDelayed(Date.now() + leaveForMs, token);
        throw new DelayedError();
      }
      inWork += 1;
      try {
        await process(job.data);
        noteWork(name);
      } catch (error) {
        // it was looked at; what Redis refuses was not
        if (!isRedisFault(error)) noteWork(name);
        await handleFailure(job, token, error);
      } finally {
        inWork -= 1;
      }
    };
    const worker = new Worker<Data>(name, processor, options);
    worker.on('error', (error) => {
      if (!isConnectionLost(error)) sayFault(name, messageOf(error));
    });
    worker.on('failed', (job, error) => {
      log.error({ queue: name, job: job?.id, err: error }, 'job failed');
    });

    /** A job ends when it is done or its failure is recorded; until then it is tried again, for ever. */
    async function handleFailure(job: Job<Data>, token: string | undefined, error: unknown) {
      let fault = error;
      if (!isRedisFault(error)) {
        if (!isLastAttempt(job)) throw error;
        log.error({ queue: name, job: job.id, err: error }, 'job failed for the last time');
        try {
          return await failed(job.data, error instanceof Error ? error : new Error(String(error)));
        } catch (reporting) {
          fault = reporting;
        }
      }
      sayWaiting(name, fault);
      const delayMs = Math.min(minBackoffMs * 2 ** job.attemptsStarted, maxBackoffMs);
      await job.moveToDelayed(Date.now() + delayMs, token);
      throw new DelayedError();
    }
    return worker;
  }

  /** One notification at fault does not hold up those that arrived with it. */
  async function takeIn(job: IntakeJob): Promise<void> {
    const batch = notificationsOf(job);
    try {
      await handlers.notifications(batch);
    } catch (error) {
      if (batch.length === 1 || isRedisFault(error)) throw error;
      log.warn(
        { notifications: batch.length, err: error },
        'batch failed; each notification is taken in separately',
      );
      await handlers.apart(batch);
    }
  }

  async function takeInFailed(job: IntakeJob, error: Error): Promise<void> {
    for (const received of notificationsOf(job)) await handlers.notificationFailed(received, error);
  }

  const workers = [
    start<IntakeJob>('intake', 4, takeIn, takeInFailed),
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
    // few: what they wait for is other systems, and nothing waits for them
    start<ItemJob>(
      'evidence',
      4,
      ({ item }) => handlers.evidence(item),
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
    if (inWork > 0)
      log.warn({ jobs: inWork }, 'jobs cut off at shutdown; they are delivered again');
    await Promise.race([closed, sleep(closingMs)]);
  }

  return { close };
}

function isLastAttempt(job: Job): boolean {
  return job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
}
