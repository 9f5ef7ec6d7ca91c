import { randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import { beforeEach, describe, expect, test } from 'vitest';
import { createLogger } from '../../src/lib/logger.js';
import { OverloadedError } from '../../src/queue/group-commit.js';
import { createQueues, type Queues } from '../../src/queue/queues.js';
import { createQueueWatch, createWorkNotes, type QueueWatch } from '../../src/queue/stuck.js';
import { createWorkers, type Handlers } from '../../src/queue/workers.js';
import { eventually } from '../support/eventually.js';
import { useOwnKeys } from '../support/own-keys.js';

/* Whether what was taken in is worked off, as every engine of a cell sees it in Redis. */

const { redis } = useOwnKeys();
const log = createLogger('silent');
const everyMs = 5_000;
let cell: string;
let queues: Queues;
let watch: QueueWatch;
let nowMs: number;

beforeEach(() => {
  cell = `stuck-${randomUUID()}`;
  queues = createQueues({ connection: redis, cell, log });
  nowMs = 0;
  watch = createQueueWatch({ redis, cell, nowMs: () => nowMs });
});

/** Looks as an engine does, for so long; `between` happens before each look. */
async function lookFor(ms: number, between: () => unknown = () => {}): Promise<void> {
  for (let passed = 0; passed < ms; passed += everyMs) {
    nowMs += everyMs;
    await between();
    await watch.look();
  }
}

const arrive = () =>
  queues.enqueue({ source: 'alertmanager', receivedAtMs: 1, notification: {} as never });
const list = (name: string) => `{${cell}}:${name}`;

describe('a queue', () => {
  test('is stuck when something has waited in it for a minute and nothing was worked off', async () => {
    await arrive();
    await watch.look();
    await lookFor(55_000);
    expect(watch.stuck()).toEqual([]);
    expect(watch.refuseIfStuck).not.toThrow();
    await lookFor(5_000);
    expect(watch.stuck()).toEqual([{ queue: 'intake', jobs: 1, forMs: 60_000 }]);
    expect(watch.refuseIfStuck).toThrow(OverloadedError);
    expect(watch.refuseIfStuck).toThrow(
      '1 job waits in the queue intake, and no worker has worked one off for 60 s',
    );
  });

  test('in which nothing waits is never stuck', async () => {
    await lookFor(120_000);
    expect(watch.stuck()).toEqual([]);
  });

  test('that a storm fills is not stuck while anything of it is worked off, however long it is', async () => {
    const noteWork = createWorkNotes(redis, cell);
    for (let count = 0; count < 50; count += 1) await arrive();
    await watch.look();
    await lookFor(55_000);
    noteWork('intake');
    await lookFor(55_000, arrive);
    expect(watch.stuck()).toEqual([]);
    expect(watch.waiting()).toBe(61);
    await lookFor(10_000);
    expect(watch.stuck()).toMatchObject([{ queue: 'intake', jobs: 61 }]);
  });

  test('is not worked off by what is done in another', async () => {
    const key = list('ledger:worked-off');
    await arrive();
    await watch.look();
    await lookFor(60_000, () => redis.hincrby(key, 'work', 1));
    expect(watch.stuck()).toMatchObject([{ queue: 'intake' }]);
  });

  test('is no longer stuck when a worker works it off, or when it is empty', async () => {
    await arrive();
    await watch.look();
    await lookFor(60_000);
    createWorkNotes(redis, cell)('intake');
    await lookFor(5_000);
    expect(watch.stuck()).toEqual([]);
    await lookFor(60_000);
    expect(watch.stuck()).toHaveLength(1);
    await redis.del(list('intake:wait'));
    await lookFor(5_000);
    expect(watch.stuck()).toEqual([]);
  });

  test.each(['delayed', 'failed'])(
    'whose jobs are only tried again and again is stuck too: %s',
    async (state) => {
      await redis.zadd(list(`intake:${state}`), 1, 'a');
      await watch.look();
      await lookFor(60_000);
      expect(watch.stuck()).toMatchObject([{ queue: 'intake', jobs: 1 }]);
    },
  );

  test('of items that are not due yet is not stuck; of those that are due it is', async () => {
    await queues.enqueueItem('run:a', Date.now() + 3_600_000);
    await watch.look();
    await lookFor(60_000);
    expect(watch.stuck()).toEqual([]);
    await queues.enqueueItem('run:b', Date.now());
    await lookFor(65_000);
    expect(watch.stuck()).toMatchObject([{ queue: 'work', jobs: 1 }]);
  });

  test('that was paused with a tool for BullMQ is stuck as soon as something has waited for long', async () => {
    const queue = new Queue('intake', { connection: redis, prefix: `{${cell}}` });
    await queue.pause();
    await arrive();
    await watch.look();
    await lookFor(60_000);
    expect(watch.stuck()).toMatchObject([{ queue: 'intake', jobs: 1 }]);
    await queue.resume();
    await queue.close();
  });

  test('counts from the start again for an engine that could not look for a while', async () => {
    await arrive();
    await watch.look();
    nowMs += 600_000;
    await watch.look();
    expect(watch.stuck()).toEqual([]);
  });
});

describe('a worker notes', () => {
  async function countsOf(notifications: Handlers['notifications']): Promise<string | null> {
    const connection = redis.duplicate({ maxRetriesPerRequest: null });
    const never = async () => {};
    const handled: string[] = [];
    const workers = createWorkers({
      connection,
      cell,
      log,
      handlers: {
        async notifications(batch) {
          handled.push('taken');
          await notifications(batch);
        },
        apart: never,
        item: never,
        evidence: async () => {},
        message: never,
        notificationFailed: never,
        itemFailed: never,
      },
    });
    await arrive();
    await eventually(
      'it was looked at',
      async () => handled.length,
      (count) => count > 0,
    );
    const count = await eventually(
      'it is noted, or not',
      async () => redis.hget(list('ledger:worked-off'), 'intake'),
      (noted) => noted !== null || handled.length > 1,
    );
    await workers.close(1_000);
    connection.disconnect();
    return count;
  }

  test('what it has worked off', async () => {
    expect(await countsOf(async () => {})).toBe('1');
  });

  test('what failed by its own fault, for the failure is told', async () => {
    const fail = async () => {
      throw new Error('a fault of this notification');
    };
    expect(await countsOf(fail)).toBe('1');
  });

  test('nothing where Redis refuses the work', async () => {
    const denied = Object.assign(
      new Error("ERR The user executing the script can't run this command or subcommand"),
      { name: 'ReplyError' },
    );
    const fail = async () => {
      throw denied;
    };
    expect(await countsOf(fail)).toBeNull();
  });
});
