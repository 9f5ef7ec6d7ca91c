import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createLedger } from '../../src/ledger/ledger.js';
import { isRedisFault } from '../../src/ledger/redis-fault.js';
import { createLogger } from '../../src/lib/logger.js';
import { connectForRequests, connectForWork } from '../../src/queue/connection.js';
import { createQueues, queuePrefix } from '../../src/queue/queues.js';
import { createWorkers, type Handlers } from '../../src/queue/workers.js';
import { untilPasses } from '../support/eventually.js';
import { startRedis, type TestRedis } from '../support/parts/redis.js';

const log = createLogger('silent');
const cell = `test-${randomUUID()}`;
const cleanups: (() => unknown)[] = [];
let server: TestRedis;

beforeEach(async () => {
  server = await startRedis();
  cleanups.push(() => server.stop());
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function opened(redis: Redis): Redis {
  redis.on('error', () => {});
  cleanups.push(() => redis.disconnect());
  return redis;
}

async function startQueues() {
  const connection = opened(connectForRequests(server.url, cell));
  await connection.connect();
  return createQueues({ connection, cell, log });
}

async function startWorkers(item: (item: string) => Promise<void>, others: Partial<Handlers> = {}) {
  const connection = opened(connectForWork(server.url, cell));
  await connection.connect();
  const idle = async () => {};
  return createWorkers({
    connection,
    cell,
    log,
    handlers: {
      item,
      notifications: idle,
      apart: idle,
      evidence: async () => {},
      message: idle,
      notificationFailed: idle,
      itemFailed: idle,
      ...others,
    },
  });
}

/** How many milliseconds a promise takes to be rejected. */
async function rejectionOf(promise: Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await expect(promise).rejects.toThrow();
  return performance.now() - startedAt;
}

const received = {
  source: 'alertmanager',
  receivedAtMs: 1_000,
  notification: {
    groupKey: 'g',
    receiver: 'r',
    status: 'firing',
    truncatedAlerts: 0,
    externalUrl: '',
    groupLabels: {},
    commonLabels: {},
    commonAnnotations: {},
    alerts: [],
  },
} as const;

describe('whoever sends a notification', () => {
  test('is refused at once while Redis is away, and served when it is back', async () => {
    const { enqueue, counts } = await startQueues();
    await enqueue(received);
    await server.stop();
    expect(await rejectionOf(enqueue(received))).toBeLessThan(1_000);
    expect(await rejectionOf(enqueue(received))).toBeLessThan(1_000);
    await server.restart();
    await untilPasses(() => enqueue(received));
    expect(await counts()).toContainEqual({ queue: 'intake', state: 'wait', count: 2 });
  });

  test('is refused at once by a Redis that was never there', async () => {
    await server.stop();
    const connection = opened(connectForRequests(server.url, cell));
    await expect(connection.connect()).rejects.toThrow();
    const { enqueue } = createQueues({ connection, cell, log });
    expect(await rejectionOf(enqueue(received))).toBeLessThan(1_000);
  });

  test('is refused within seconds by a Redis that hangs', async () => {
    const { enqueue } = await startQueues();
    await enqueue(received);
    process.kill(server.pid ?? Number.NaN, 'SIGSTOP');
    cleanups.push(() => process.kill(server.pid ?? Number.NaN, 'SIGCONT'));
    expect(await rejectionOf(enqueue(received))).toBeLessThan(7_000);
  });

  test('is refused by a Redis that has no memory left', async () => {
    const { enqueue } = await startQueues();
    const admin = opened(connectForWork(server.url, cell));
    await admin.set('ballast', 'x'.repeat(4_000_000));
    await admin.config('SET', 'maxmemory', '3mb');
    await expect(enqueue(received)).rejects.toThrow(/OOM/);
    await admin.config('SET', 'maxmemory', '0');
    await enqueue(received);
  });
});

test('what is wrong with the settings of Redis is not printed by every queue', async () => {
  const printed = vi.spyOn(console, 'warn').mockImplementation(() => {});
  cleanups.push(() => printed.mockRestore());
  await opened(connectForWork(server.url, cell)).config('SET', 'maxmemory-policy', 'allkeys-lru');
  const { enqueue, enqueueItem } = await startQueues();
  const item = vi.fn(async () => {});
  const workers = await startWorkers(item);
  cleanups.push(() => workers.close(1_000));
  await enqueue(received);
  await enqueueItem('run:a', 1_000);
  await untilPasses(() => expect(item).toHaveBeenCalled());
  expect(printed).not.toHaveBeenCalled();
});

test('a notification outlasts a Redis that takes no writes, and is taken in when it does', async () => {
  const connection = opened(connectForWork(server.url, cell));
  await connection.connect();
  const ledger = createLedger({ redis: connection, cell });
  let full = true;
  const errors: unknown[] = [];
  const taken = vi.fn();
  const notificationFailed = vi.fn(async () => {});
  const notification = async () => {
    await connection.config('SET', 'maxmemory', full ? '1' : '0');
    await ledger.commit({ checks: [], writes: [], nowMs: 1_000 }).then(taken, (error) => {
      errors.push(error);
      throw error;
    });
  };
  const workers = await startWorkers(async () => {}, {
    notifications: notification,
    notificationFailed,
  });
  cleanups.push(() => workers.close(1_000));
  const queue = new Queue('intake', { connection, prefix: queuePrefix(cell) });
  await queue.add('arrivals', [received], { attempts: 1 });
  await untilPasses(() => expect(errors).toHaveLength(1));
  await sleep(1_500);
  full = false;
  await connection.config('SET', 'maxmemory', '0');
  await untilPasses(() => expect(taken).toHaveBeenCalledTimes(1));
  expect(errors.every(isRedisFault)).toBe(true);
  expect(notificationFailed).not.toHaveBeenCalled();
});

describe('workers', () => {
  test('go on when Redis is back', async () => {
    const { enqueueItem } = await startQueues();
    const item = vi.fn(async () => {});
    const workers = await startWorkers(item);
    cleanups.push(() => workers.close(1_000));
    await enqueueItem('run:a', 1_000);
    await untilPasses(() => expect(item).toHaveBeenCalledTimes(1));
    await server.restart();
    await untilPasses(() => enqueueItem('run:b', 1_000));
    await untilPasses(() => expect(item).toHaveBeenLastCalledWith('run:b'));
  });

  test('that are closed finish what they work on and take nothing more', async () => {
    const { enqueueItem, counts } = await startQueues();
    let finished = false;
    const workers = await startWorkers(async () => {
      await sleep(400);
      finished = true;
    });
    await enqueueItem('run:a', 1_000);
    await untilPasses(async () =>
      expect(await counts()).toContainEqual({ queue: 'work', state: 'active', count: 1 }),
    );
    await workers.close(5_000);
    expect(finished).toBe(true);
    await enqueueItem('run:b', 1_000);
    await sleep(200);
    expect(await counts()).toEqual(
      expect.arrayContaining([
        { queue: 'work', state: 'wait', count: 1 },
        { queue: 'work', state: 'active', count: 0 },
      ]),
    );
  });

  test('that are closed do not wait for ever for what they work on, which is not lost', async () => {
    const { enqueueItem, counts } = await startQueues();
    const finish: (() => void)[] = [];
    const workers = await startWorkers(() => new Promise((done) => void finish.push(done)));
    await enqueueItem('run:a', 1_000);
    await untilPasses(async () =>
      expect(await counts()).toContainEqual({ queue: 'work', state: 'active', count: 1 }),
    );
    const startedAt = performance.now();
    await workers.close(300);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    expect(await counts()).toContainEqual({ queue: 'work', state: 'active', count: 1 });
    for (const done of finish) done();
  });

  test('that are closed while Redis is away do not wait for it', async () => {
    const workers = await startWorkers(async () => {});
    await server.stop();
    const startedAt = performance.now();
    await workers.close(300);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });
});
