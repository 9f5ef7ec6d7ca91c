import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { DelayedError, Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Received } from '../../src/alertmanager/received.js';
import { createLogger } from '../../src/lib/logger.js';
import { connectForRequests, connectForWork } from '../../src/queue/connection.js';
import { createQueues, type QueueName, queuePrefix } from '../../src/queue/queues.js';
import { createWorkers, type Handlers } from '../../src/queue/workers.js';
import { untilPasses } from '../support/eventually.js';
import { startRedis } from '../support/parts/redis.js';
import { usePart } from '../support/parts.js';

const log = createLogger('silent');
const day = 24 * 3_600_000;
const cleanups: (() => unknown)[] = [];
let cell: string;

beforeEach(() => {
  cell = `test-${randomUUID()}`;
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function opened(redis: Redis): Redis {
  redis.on('error', () => {});
  cleanups.push(() => redis.disconnect());
  return redis;
}

async function startQueues(url = usePart('redis').url) {
  const connection = opened(connectForRequests(url, cell));
  await connection.connect();
  return { ...createQueues({ connection, cell, log }), connection };
}

/** Handlers that note what they are given, each notification by itself, and do what a test says. */
function handlers(
  does: Partial<Handlers> & { notification?: (one: Received) => Promise<void> } = {},
) {
  const notification = vi.fn(does.notification ?? (async () => {}));
  const each = async (batch: readonly Received[]) => {
    for (const one of batch) await notification(one);
  };
  return {
    notification,
    notifications: vi.fn(does.notifications ?? each),
    apart: vi.fn(does.apart ?? (async () => {})),
    item: vi.fn(does.item ?? (async () => {})),
    evidence: async () => {},
    message: vi.fn(does.message ?? (async () => {})),
    notificationFailed: vi.fn(does.notificationFailed ?? (async () => {})),
    itemFailed: vi.fn(does.itemFailed ?? (async () => {})),
  } satisfies Handlers & { notification: unknown };
}

/** Puts the only job of a queue off by some time, as a worker whose clock is ahead by that. */
async function putOff(queue: QueueName, ms: number): Promise<void> {
  const connection = opened(connectForWork(usePart('redis').url, cell));
  await connection.connect();
  const wrong = new Worker(
    queue,
    async (job, token) => {
      await job.moveToDelayed(Date.now() + ms, token);
      throw new DelayedError();
    },
    { connection, prefix: queuePrefix(cell) },
  );
  await untilPasses(async () => {
    expect(await connection.zcard(`${queuePrefix(cell)}:${queue}:delayed`)).toBe(1);
  });
  await wrong.close();
}

async function startWorkers(given: Handlers, url = usePart('redis').url) {
  const connection = opened(connectForWork(url, cell));
  await connection.connect();
  const workers = createWorkers({ connection, cell, handlers: given, log });
  cleanups.push(() => workers.close(1_000));
  return workers;
}

function received(name: string): Received {
  const notification = {
    groupKey: name,
    receiver: 'jidoka',
    status: 'firing',
    truncatedAlerts: 0,
    externalUrl: '',
    groupLabels: {},
    commonLabels: {},
    commonAnnotations: {},
    alerts: [{ any: ['thing', null, 1.5, 'é 🚨'] }],
  } as const;
  return { source: 'alertmanager', receivedAtMs: 1_000, notification };
}

/** What ioredis throws when Redis has no memory left. */
function refusal(): Error {
  return Object.assign(new Error('OOM command not allowed'), { name: 'ReplyError' });
}

/** Puts a job into a queue that gives up sooner than those of the engine. */
async function addImpatient(queue: string, data: object): Promise<void> {
  const connection = opened(connectForRequests(usePart('redis').url, cell));
  await connection.connect();
  const direct = new Queue(queue, { connection, prefix: queuePrefix(cell) });
  await direct.add(queue === 'intake' ? 'arrivals' : 'item', data, {
    attempts: 2,
    backoff: { type: 'fixed', delay: 10 },
  });
}

describe('a notification', () => {
  test('waits in Redis until a worker is there, and arrives as it was sent, once', async () => {
    const { enqueue, counts } = await startQueues();
    await enqueue(received('a'));
    expect(await counts()).toContainEqual({ queue: 'intake', state: 'wait', count: 1 });
    const taken = handlers();
    await startWorkers(taken);
    await startWorkers(taken);
    await untilPasses(() => expect(taken.notification).toHaveBeenCalled());
    await sleep(300);
    expect(taken.notification.mock.calls).toEqual([[received('a')]]);
  });

  test('that was posted lies in the queue as it came, and arrives read', async () => {
    const { enqueuePosted, connection } = await startQueues();
    const { notification } = received('a');
    const { externalUrl, ...fields } = notification;
    const body = ` ${JSON.stringify({ version: '4', ...fields, externalURL: externalUrl }, null, 2)}`;
    await enqueuePosted({ receivedAtMs: 1_000, body: Buffer.from(body) });
    const [id] = await connection.lrange(`${queuePrefix(cell)}:intake:wait`, 0, -1);
    const data = await connection.hget(`${queuePrefix(cell)}:intake:${id}`, 'data');
    expect(data).toContain(body);
    const taken = handlers();
    await startWorkers(taken);
    await untilPasses(() => expect(taken.notification).toHaveBeenCalled());
    expect(taken.notification.mock.calls).toEqual([[received('a')]]);
  });

  test('of many is handled once each, by whichever worker is free', async () => {
    const { enqueue } = await startQueues();
    const taken = handlers();
    await startWorkers(taken);
    await startWorkers(taken);
    const names = Array.from({ length: 100 }, (_, index) => `n${index}`);
    await Promise.all(names.map((name) => enqueue(received(name))));
    await untilPasses(() => expect(taken.notification).toHaveBeenCalledTimes(100));
    const seen = taken.notification.mock.calls.map(([{ notification }]) => notification.groupKey);
    expect(seen.sort()).toEqual(names.sort());
  });

  test('equal to an earlier one is another one: nothing is taken for a duplicate', async () => {
    const { enqueue } = await startQueues();
    await enqueue(received('a'));
    await enqueue(received('a'));
    const taken = handlers();
    await startWorkers(taken);
    await untilPasses(() => expect(taken.notification).toHaveBeenCalledTimes(2));
  });

  test('whose handling fails is handled again', async () => {
    const { enqueue, counts } = await startQueues();
    let failures = 1;
    const taken = handlers({
      notification: async () => {
        if (failures-- > 0) throw new Error('Redis is busy');
      },
    });
    await startWorkers(taken);
    await enqueue(received('a'));
    await untilPasses(() => expect(taken.notification).toHaveBeenCalledTimes(2));
    await untilPasses(async () =>
      expect((await counts()).every(({ count }) => count === 0)).toBe(true),
    );
    expect(taken.notificationFailed).not.toHaveBeenCalled();
  });

  test('whose handling always fails is reported at the end, once, and then gone', async () => {
    const { counts } = await startQueues();
    const taken = handlers({ notification: () => Promise.reject(new Error('a fault')) });
    await startWorkers(taken);
    await addImpatient('intake', [received('a')]);
    await untilPasses(() => expect(taken.notificationFailed).toHaveBeenCalled());
    await sleep(100);
    expect(taken.notification).toHaveBeenCalledTimes(2);
    expect(taken.notificationFailed.mock.calls).toEqual([
      [received('a'), expect.objectContaining({ message: 'a fault' })],
    ]);
    expect((await counts()).every(({ count }) => count === 0)).toBe(true);
  });

  test('whose failure cannot be reported either stays until it can', async () => {
    const { counts } = await startQueues();
    let failures = 2;
    const taken = handlers({
      notification: () => Promise.reject(new Error('a fault')),
      notificationFailed: async () => {
        if (failures-- > 0) throw new Error('another fault');
      },
    });
    await startWorkers(taken);
    await addImpatient('intake', [received('a')]);
    await untilPasses(() => expect(taken.notificationFailed).toHaveBeenCalledTimes(3));
    await untilPasses(async () =>
      expect((await counts()).every(({ count }) => count === 0)).toBe(true),
    );
  });

  test('is tried for as long as Redis fails, which does not count against it', async () => {
    await startQueues();
    let failures = 3;
    const taken = handlers({
      notification: async () => {
        if (failures-- > 0) throw refusal();
      },
    });
    await startWorkers(taken);
    await addImpatient('intake', [received('a')]);
    await untilPasses(() => expect(taken.notification).toHaveBeenCalledTimes(4));
    expect(taken.notificationFailed).not.toHaveBeenCalled();
  });

  test('that was given up all the same is put back, and reported if it fails again', async () => {
    const { counts, putBack } = await startQueues();
    const connection = opened(connectForWork(usePart('redis').url, cell));
    await connection.connect();
    const options = { connection, prefix: queuePrefix(cell) };
    const givesUp = new Worker('intake', () => Promise.reject(new Error('gone')), options);
    await addImpatient('intake', [received('a')]);
    const failed = { queue: 'intake', state: 'failed', count: 1 };
    await untilPasses(async () => expect(await counts()).toContainEqual(failed));
    await givesUp.close();

    const taken = handlers({ notification: () => Promise.reject(new Error('a fault')) });
    await startWorkers(taken);
    await putBack();
    await untilPasses(() => expect(taken.notificationFailed).toHaveBeenCalledTimes(1));
    expect(taken.notification).toHaveBeenCalledTimes(1);
  });

  test('that was put off by a clock that was days ahead is taken when the clock is right', async () => {
    const { enqueue, putBack } = await startQueues();
    await enqueue(received('a'));
    await putOff('intake', 8 * day);
    const taken = handlers();
    await startWorkers(taken);
    await putBack();
    await untilPasses(() => expect(taken.notification).toHaveBeenCalledTimes(1));
  });

  test('that was taken is still there after Redis was killed', async () => {
    // with everysec Redis puts writes off while the disk is busy, and a killed one has lost them
    const server = await startRedis({ appendfsync: 'always' });
    cleanups.push(() => server.stop());
    const { enqueue, connection } = await startQueues(server.url);
    for (let count = 0; count < 50; count += 1) await enqueue(received(`n${count}`));
    const lost = once(connection, 'close');
    process.kill(server.pid ?? Number.NaN, 'SIGKILL');
    await lost;
    await server.restart();
    const taken = handlers();
    await startWorkers(taken, server.url);
    await untilPasses(() => expect(taken.notification).toHaveBeenCalledTimes(50));
  });
});

describe('notifications that arrive together', () => {
  const names = Array.from({ length: 64 }, (_, index) => `n${index}`);

  test('are written with two commands: the first at once, all others as one job', async () => {
    const { enqueue, counts, connection } = await startQueues();
    await enqueue(received('before'));
    const sent = vi.spyOn(connection, 'sendCommand');
    await Promise.all(names.map((name) => enqueue(received(name))));
    expect(sent.mock.calls.map(([{ name }]) => name)).toEqual(['evalsha', 'evalsha']);
    expect(await counts()).toContainEqual({ queue: 'intake', state: 'wait', count: 3 });
  });

  test('are handed over together, in their order', async () => {
    const { enqueue } = await startQueues();
    await Promise.all(names.map((name) => enqueue(received(name))));
    const taken = handlers();
    await startWorkers(taken);
    await untilPasses(() => expect(taken.notification).toHaveBeenCalledTimes(64));
    const seen = taken.notification.mock.calls.map(([{ notification }]) => notification.groupKey);
    expect(seen).toEqual(names);
    expect(taken.notifications).toHaveBeenCalledTimes(2);
  });

  test('are taken in one by one where that fails, so that only the one at fault is reported', async () => {
    const { enqueue, counts } = await startQueues();
    const some = names.slice(0, 6);
    const broken = (one: Received) => one.notification.groupKey === 'n3';
    const done: string[] = [];
    const taken = handlers({
      notifications: async (batch) => {
        if (batch.some(broken)) throw new Error('a fault');
        done.push(...batch.map(({ notification }) => notification.groupKey));
      },
      apart: async (batch) => {
        for (const one of batch) await addImpatient('intake', [one]);
      },
    });
    await Promise.all(some.map((name) => enqueue(received(name))));
    await startWorkers(taken);
    await untilPasses(() => expect(taken.notificationFailed).toHaveBeenCalledTimes(1));
    expect(taken.notificationFailed.mock.calls[0]?.[0]).toEqual(received('n3'));
    await untilPasses(async () =>
      expect((await counts()).every(({ count }) => count === 0)).toBe(true),
    );
    expect(done.sort()).toEqual(some.filter((name) => name !== 'n3'));
  });

  test('are a job each when they are put in apart', async () => {
    const { enqueueApart, counts } = await startQueues();
    await enqueueApart(names.map(received));
    expect(await counts()).toContainEqual({ queue: 'intake', state: 'wait', count: 64 });
  });

  test('stay together while Redis fails, which counts against none of them', async () => {
    const { enqueue } = await startQueues();
    let failures = 2;
    const taken = handlers({
      notifications: async (batch) => {
        if (batch.length > 1 && failures-- > 0) throw refusal();
      },
    });
    await Promise.all(names.map((name) => enqueue(received(name))));
    await startWorkers(taken);
    await untilPasses(() => expect(taken.notifications).toHaveBeenCalledTimes(4));
    expect(taken.apart).not.toHaveBeenCalled();
    expect(taken.notificationFailed).not.toHaveBeenCalled();
  });
});

describe('an item of the schedule', () => {
  test.each([
    ['work', 'run:abc'],
    ['messages', 'message:abc'],
  ] as const)(
    'that was put off in %s by a clock that was days ahead is looked at when the clock is right',
    async (queue, item) => {
      const { enqueueItem, putBack } = await startQueues();
      await enqueueItem(item, Date.now());
      await putOff(queue, 8 * day);
      const taken = handlers();
      await startWorkers(taken);
      await putBack();
      const looked = queue === 'work' ? taken.item : taken.message;
      await untilPasses(() => expect(looked).toHaveBeenCalledWith(item));
    },
  );

  test('that is due in days is not looked at before', async () => {
    const { enqueueItem, putBack, counts } = await startQueues();
    await enqueueItem('expiry:abc', Date.now() + 7 * day);
    await putBack();
    expect(await counts()).toContainEqual({ queue: 'work', state: 'delayed', count: 1 });
  });

  test('for the same time is one job, however often it is asked for; for another time another', async () => {
    const { enqueueItem, counts } = await startQueues();
    const laterMs = Date.now() + 60_000;
    await Promise.all([1, 2, 3].map(() => enqueueItem('run:abc', laterMs)));
    await enqueueItem('run:abc', laterMs + 1);
    expect(await counts()).toContainEqual({ queue: 'work', state: 'delayed', count: 2 });
  });

  test('is looked at when it is due, not before', async () => {
    const { enqueueItem } = await startQueues();
    const lookedAtMs = new Map<string, number>();
    const taken = handlers({ item: async (item) => void lookedAtMs.set(item, Date.now()) });
    await startWorkers(taken);
    const dueMs = Date.now() + 700;
    await enqueueItem('run:abc', dueMs);
    await enqueueItem('episode:f00d', Date.now());
    await untilPasses(() => expect(taken.item).toHaveBeenLastCalledWith('run:abc'));
    expect(taken.item.mock.calls).toEqual([['episode:f00d'], ['run:abc']]);
    expect(lookedAtMs.get('run:abc')).toBeGreaterThanOrEqual(dueMs);
  });

  test('can be asked for again, for the same time, once it has been looked at', async () => {
    const { enqueueItem } = await startQueues();
    const taken = handlers();
    await startWorkers(taken);
    for (let count = 1; count <= 3; count += 1) {
      await enqueueItem('case:abc', 1_000);
      await untilPasses(() => expect(taken.item).toHaveBeenCalledTimes(count));
      await sleep(50);
    }
  });

  test('that is a message goes to the messenger, and its queue does not wait for the others', async () => {
    const { enqueueItem } = await startQueues();
    const finish: (() => void)[] = [];
    cleanups.push(() => finish.forEach((done) => void done()));
    const taken = handlers({ item: () => new Promise((done) => void finish.push(done)) });
    await startWorkers(taken);
    for (let count = 0; count < 30; count += 1) await enqueueItem(`run:${count}`, count);
    await enqueueItem('message:abc', 1_000);
    await untilPasses(() => expect(taken.message.mock.calls).toEqual([['message:abc']]));
  });

  test('whose look fails because of Redis is not given up for that', async () => {
    await startQueues();
    let failures = 3;
    const taken = handlers({
      item: async () => {
        if (failures-- > 0) throw refusal();
      },
    });
    await startWorkers(taken);
    await addImpatient('work', { item: 'run:abc' });
    await untilPasses(() => expect(taken.item).toHaveBeenCalledTimes(4));
    expect(taken.itemFailed).not.toHaveBeenCalled();
  });

  test('whose look always fails is reported at the end, and can be asked for again', async () => {
    const { enqueueItem, counts } = await startQueues();
    const taken = handlers({ item: () => Promise.reject(new Error('a fault')) });
    await startWorkers(taken);
    await addImpatient('work', { item: 'run:abc' });
    await untilPasses(() => expect(taken.itemFailed).toHaveBeenCalledTimes(1));
    expect(taken.itemFailed.mock.calls[0]?.[0]).toBe('run:abc');
    await enqueueItem('run:abc', 1_000);
    await untilPasses(() => expect(taken.item).toHaveBeenCalledTimes(3));
    expect(
      (await counts()).find(({ state, queue }) => queue === 'work' && state === 'wait')?.count,
    ).toBe(0);
  });
});

test('a job that only a newer version knows is left to it, whole and with all its attempts', async () => {
  const connection = opened(connectForWork(usePart('redis').url, cell));
  const queue = new Queue('intake', { connection, prefix: queuePrefix(cell) });
  await queue.add('notification-of-the-future', { any: 'thing' }, { attempts: 1 });
  const given = handlers();
  await startWorkers(given);
  await untilPasses(async () => expect(await queue.getDelayedCount()).toBe(1));
  const [job] = await queue.getDelayed();
  expect(job).toMatchObject({ data: { any: 'thing' }, attemptsMade: 0 });
  expect(given.notification).not.toHaveBeenCalled();
  expect(given.notificationFailed).not.toHaveBeenCalled();
});
