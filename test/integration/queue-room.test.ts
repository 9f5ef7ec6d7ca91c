import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import type { Received } from '../../src/alertmanager/received.js';
import { createLogger } from '../../src/lib/logger.js';
import { connectForRequests, connectForWork } from '../../src/queue/connection.js';
import { OverloadedError } from '../../src/queue/group-commit.js';
import { createQueues } from '../../src/queue/queues.js';
import { createWorkers, type Handlers } from '../../src/queue/workers.js';
import { untilPasses } from '../support/eventually.js';
import { usePart } from '../support/parts.js';

/* How much waits in Redis at most. */

const log = createLogger('silent');
const maxQueuedBytes = 100_000;
/** How often a receiver looks, and a moment. */
const lookMs = 1_100;

async function opened(redis: Redis): Promise<Redis> {
  redis.on('error', () => {});
  onTestFinished(() => redis.disconnect());
  await redis.connect();
  return redis;
}

async function startReceiver(cell: string) {
  const connection = await opened(connectForRequests(usePart('redis').url, cell));
  return createQueues({ connection, cell, maxQueuedBytes, log });
}

async function startWorkers(cell: string, notifications: Handlers['notifications']) {
  const workers = createWorkers({
    connection: await opened(connectForWork(usePart('redis').url, cell)),
    cell,
    log,
    handlers: {
      notifications,
      apart: async () => {},
      item: async () => {},
      evidence: async () => {},
      message: async () => {},
      notificationFailed: async () => {},
      itemFailed: async () => {},
    },
  });
  onTestFinished(() => workers.close(1_000));
  return workers;
}

/** A notification of some kilobytes that cannot be packed. */
function posted() {
  const alerts = [{ noise: randomBytes(9_000).toString('base64') }];
  const notification = { version: '4', groupKey: 'g', receiver: 'r', status: 'firing', alerts };
  return { receivedAtMs: 1, body: Buffer.from(JSON.stringify(notification)) };
}

/** How many are taken before the first is refused, one after another. */
async function fill({ enqueuePosted }: Awaited<ReturnType<typeof startReceiver>>) {
  for (let taken = 0; taken < 50; taken += 1) {
    try {
      await enqueuePosted(posted());
    } catch (error) {
      expect(error).toBeInstanceOf(OverloadedError);
      return taken;
    }
  }
  throw new Error('none was refused');
}

test('what Alertmanager posts is refused while too much waits, and taken when it was worked off', async () => {
  const cell = `test-${randomUUID()}`;
  const receiver = await startReceiver(cell);
  const taken = await fill(receiver);
  expect(taken).toBeGreaterThan(5);
  expect(taken).toBeLessThan(13);

  // nothing has changed: a look finds the same
  await sleep(lookMs);
  await expect(receiver.enqueuePosted(posted())).rejects.toThrow(OverloadedError);
  await sleep(100);
  await expect(receiver.enqueuePosted(posted())).rejects.toThrow('wait in Redis');

  const seen: Received[] = [];
  await startWorkers(cell, async (batch) => void seen.push(...batch));
  await untilPasses(() => expect(seen).toHaveLength(taken));
  // the first that comes after that is taken: nobody is refused for what was there before
  await sleep(lookMs);
  await receiver.enqueuePosted(posted());
});

test('what another receiver has put there counts too', async () => {
  const cell = `test-${randomUUID()}`;
  const [one, other] = await Promise.all([startReceiver(cell), startReceiver(cell)]);
  await fill(one);
  // it knows only what it has put there itself, until it has looked
  await other.enqueuePosted(posted());
  await untilPasses(() => expect(other.enqueuePosted(posted())).rejects.toThrow(OverloadedError));
});

test('what could not be taken in, and waits to be tried again, counts too', async () => {
  const cell = `test-${randomUUID()}`;
  const receiver = await startReceiver(cell);
  const taken = await fill(receiver);
  const workers = await startWorkers(cell, async () => {
    throw Object.assign(new Error('READONLY a replica'), { name: 'ReplyError' });
  });
  const delayed = { queue: 'intake', state: 'delayed', count: taken };
  await untilPasses(async () => expect(await receiver.counts()).toContainEqual(delayed));
  await workers.close(1_000);
  await sleep(lookMs);
  await expect(receiver.enqueuePosted(posted())).rejects.toThrow(OverloadedError);
});

test('what a person asks for is taken all the same', async () => {
  const cell = `test-${randomUUID()}`;
  const receiver = await startReceiver(cell);
  await fill(receiver);
  const { notification } = { notification: JSON.parse(posted().body.toString()) };
  await receiver.enqueue({ source: 'jenkins', receivedAtMs: 1, notification });
});
