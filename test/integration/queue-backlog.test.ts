import { randomBytes, randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Received } from '../../src/alertmanager/received.js';
import { createLogger } from '../../src/lib/logger.js';
import { connectForRequests, connectForWork } from '../../src/queue/connection.js';
import { createQueues, queuePrefix } from '../../src/queue/queues.js';
import { createWorkers } from '../../src/queue/workers.js';
import { untilPasses } from '../support/eventually.js';
import { startRedis } from '../support/parts/redis.js';

/* What waits in the queue while nobody takes it. */

const log = createLogger('silent');
const cleanups: (() => unknown)[] = [];
let url: string;
let cell: string;

beforeEach(async () => {
  cell = `test-${randomUUID()}`;
  const redis = await startRedis();
  cleanups.push(() => redis.stop());
  url = redis.url;
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function startReceiver() {
  const connection = await connected(connectForRequests(url, cell));
  return { ...createQueues({ connection, cell, log }), connection };
}

async function connected(redis: Redis): Promise<Redis> {
  redis.on('error', () => {});
  cleanups.push(() => redis.disconnect());
  await redis.connect();
  return redis;
}

/** Takes jobs from now on; gives back the numbers of the notifications, as they come. */
async function startWorker(until: () => Promise<void> = async () => {}) {
  const taken: number[] = [];
  const batches: number[] = [];
  const workers = createWorkers({
    connection: await connected(connectForWork(url, cell)),
    cell,
    log,
    handlers: {
      async notifications(batch: readonly Received[]) {
        batches.push(batch.length);
        taken.push(...batch.map(({ receivedAtMs }) => receivedAtMs));
        await until();
      },
      apart: async () => {},
      item: async () => {},
      evidence: async () => {},
      message: async () => {},
      notificationFailed: async () => {},
      itemFailed: async () => {},
    },
  });
  cleanups.push(() => workers.close(1_000));
  return { taken, batches };
}

const numbers = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => from + index);

/** Alerts as Alertmanager sends them, each with its own words. */
function alertsOf(count: number): object[] {
  return numbers(count).map(() => ({
    status: 'firing',
    labels: {
      alertname: 'ServiceSlow',
      severity: 'warning',
      service: `shop_${randomBytes(3).toString('hex')}`,
      instance: `10.0.${randomBytes(1)[0]}.${randomBytes(1)[0]}:8080`,
    },
    annotations: {
      summary: 'A service answers too slowly',
      description: `The 95th percentile of the times to answer is 2.${randomBytes(1)[0]} s`,
    },
    startsAt: new Date().toISOString(),
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: 'http://prometheus.example.com:9090/graph?g0.expr=slow&g0.tab=1',
    fingerprint: randomBytes(8).toString('hex'),
  }));
}

function posted(number: number, alerts: readonly object[] = alertsOf(1)) {
  const fields = { version: '4', groupKey: `{}:${number}`, receiver: 'jidoka', status: 'firing' };
  const common = {
    groupLabels: { alertname: 'ServiceSlow' },
    commonLabels: {},
    truncatedAlerts: 0,
  };
  const body = Buffer.from(JSON.stringify({ ...fields, ...common, alerts }));
  return { receivedAtMs: number, body };
}

/** How many bytes all keys of the queue take. */
async function sizeOf(connection: Redis): Promise<number> {
  const keys = await connection.keys(`${queuePrefix(cell)}:*`);
  const sizes = await Promise.all(keys.map((key) => connection.memory('USAGE', key, 'SAMPLES', 0)));
  return sizes.reduce<number>((sum, size) => sum + Number(size), 0);
}

async function jobs(connection: Redis): Promise<string[]> {
  const keys = await connection.keys(`${queuePrefix(cell)}:intake:[0-9]*`);
  return keys.filter((key) => !key.endsWith(':lock'));
}

describe('what waits', () => {
  test.each([
    { each: 1, atOnce: 1, how: 'one by one' },
    { each: 20, atOnce: 1, how: 'one by one' },
    { each: 1, atOnce: 64, how: 'in a storm' },
    { each: 20, atOnce: 64, how: 'in a storm' },
  ])('takes no more than 1.3 bytes a byte of alert: $each a notification, $how', async (given) => {
    const { enqueuePosted, connection } = await startReceiver();
    const count = 1_280 / given.each;
    const all = numbers(count).map(() => alertsOf(given.each));
    for (let first = 0; first < count; first += given.atOnce) {
      const together = all.slice(first, first + given.atOnce);
      await Promise.all(together.map((alerts) => enqueuePosted(posted(0, alerts))));
    }
    await untilPasses(async () => {
      const alertBytes = all.flat().reduce((sum, one) => sum + JSON.stringify(one).length, 0);
      expect((await sizeOf(connection)) / alertBytes).toBeLessThanOrEqual(1.3);
    });
  });

  test('is packed together, and arrives once each, in the order in which it came', async () => {
    const { enqueuePosted, connection } = await startReceiver();
    for (const number of numbers(200)) await enqueuePosted(posted(number));
    await untilPasses(async () => expect(await jobs(connection)).toHaveLength(3 + 200 - 3 * 64));
    const { taken, batches } = await startWorker();
    await untilPasses(() => expect(taken).toHaveLength(200));
    expect(batches.slice(0, 3)).toEqual([64, 64, 64]);
    expect(taken.slice(0, 192)).toEqual(numbers(192));
    expect(taken.toSorted((a, b) => a - b)).toEqual(numbers(200));
    await untilPasses(async () => expect(await jobs(connection)).toEqual([]));
  });

  test('keeps the time at which the oldest of it came', async () => {
    const { enqueuePosted, oldest, connection } = await startReceiver();
    await enqueuePosted(posted(0));
    const before = await oldest();
    for (const number of numbers(63, 1)) await enqueuePosted(posted(number));
    await untilPasses(async () => expect(await jobs(connection)).toHaveLength(1));
    expect(await oldest()).toEqual(before);
  });

  test('is left apart as soon as a worker has taken some of it', async () => {
    const { enqueuePosted, connection } = await startReceiver();
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    for (const number of numbers(10)) await enqueuePosted(posted(number));
    // it has taken some, and hangs
    const { taken, batches } = await startWorker(() => held);
    await untilPasses(() => expect(taken.length).toBeGreaterThan(0));
    for (const number of numbers(54, 10)) await enqueuePosted(posted(number));
    // by now it would have been packed
    for (const number of numbers(63, 64)) await enqueuePosted(posted(number));
    expect(await jobs(connection)).toHaveLength(127);
    letGo();
    await untilPasses(() => expect(taken).toHaveLength(127));
    expect(batches.every((size) => size === 1)).toBe(true);
    expect(taken.toSorted((a, b) => a - b)).toEqual(numbers(127));
  });

  test('is left apart when a worker takes some of it at that very moment', async () => {
    const { enqueuePosted, connection } = await startReceiver();
    const seen: number[][] = [];
    const look = connection.lpos.bind(connection);
    vi.spyOn(connection, 'lpos').mockImplementation(async (...args: unknown[]) => {
      const place = await look(...(args as [string, string]));
      const { taken } = await startWorker();
      seen.push(taken);
      await untilPasses(() => expect(taken.length).toBeGreaterThan(0));
      return place;
    });
    for (const number of numbers(64)) await enqueuePosted(posted(number));
    await untilPasses(() => expect(seen.flat()).toHaveLength(64));
    await untilPasses(async () => expect(await jobs(connection)).toEqual([]));
    expect(seen.flat()).toHaveLength(64);
  });

  test('of several receivers is packed by each', async () => {
    const [one, two] = [await startReceiver(), await startReceiver()];
    for (const number of numbers(64)) {
      await one.enqueuePosted(posted(number));
      await two.enqueuePosted(posted(number + 64));
    }
    await untilPasses(async () => expect(await jobs(one.connection)).toHaveLength(2));
    const { taken } = await startWorker();
    await untilPasses(() => expect(taken).toHaveLength(128));
    expect(taken.toSorted((a, b) => a - b)).toEqual(numbers(128));
  });

  test('is not packed with what was set apart because it failed with others', async () => {
    const { enqueueApart, connection } = await startReceiver();
    const notification = { ...JSON.parse(posted(0).body.toString()), externalUrl: '' };
    const failed = numbers(64).map((receivedAtMs) => ({
      source: 'alertmanager' as const,
      receivedAtMs,
      notification,
    }));
    await enqueueApart(failed);
    await enqueueApart(failed);
    expect(await jobs(connection)).toHaveLength(128);
  });
});
