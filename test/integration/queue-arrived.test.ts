import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Received } from '../../src/engine/received.js';
import { createLogger } from '../../src/logger.js';
import { createArrived, keepArrived } from '../../src/queue/arrived.js';
import { type Bench, startBench } from '../support/engine.js';

/* Notifications that are written down and handed over, instead of waiting in the queue. */

let bench: Bench;
let queued: Received[];
beforeEach(async () => {
  bench = await startBench({ playbooks: [] });
  queued = [];
});
afterEach(() => bench.stop());

const slow = { alertname: 'Slow', service: 'web' };

function start(takeAll = bench.engine.takeAll) {
  return createArrived({
    ledger: bench.ledger,
    takeAll,
    enqueue: async (batch) => void queued.push(...batch),
    log: createLogger('silent'),
  });
}

async function arrive() {
  const received = bench.notification([{ labels: slow }]);
  const data = JSON.stringify([received]);
  return { received, data, id: await keepArrived(bench.ledger, data, bench.clock.now()) };
}

const due = async () =>
  (await bench.ledger.due(bench.clock.now() + 60_000, 10))
    .map(({ item }) => item)
    .filter((item) => item.startsWith('arrived:'));

test('what arrived is on the agenda until it is taken in, and leaves nothing behind', async () => {
  const { id, data } = await arrive();
  expect(await due()).toEqual([`arrived:${id}`]);
  await start().take(id, data);
  expect(await bench.episode(slow)).toMatchObject({ deliveries: 1 });
  expect(await due()).toEqual([]);
  expect(await bench.redis.exists(bench.ledger.keys.arrived(id))).toBe(0);
});

test('what nobody took in goes into the queue when it is looked at, once', async () => {
  const { id, received } = await arrive();
  const { look } = start();
  expect(await look(`arrived:${id}`)).toBe(true);
  expect(queued).toEqual([received]);
  expect(await due()).toEqual([]);
  await look(`arrived:${id}`);
  expect(queued).toHaveLength(1);
});

test('what could not be taken in goes into the queue, which tries it again and tells of it', async () => {
  const { id, data, received } = await arrive();
  const { take, look } = start(async () => {
    throw new Error('a fault of its own');
  });
  await take(id, data);
  expect(await due()).toEqual([`arrived:${id}`]);
  await look(`arrived:${id}`);
  expect(queued).toEqual([received]);
});

test('what is being taken in is waited for, and does not go into the queue as well', async () => {
  const { id, data } = await arrive();
  let finish = () => {};
  const { take, look } = start(
    () =>
      new Promise<void>((resolve) => {
        finish = resolve;
      }),
  );
  const taking = take(id, data);
  const looking = look(`arrived:${id}`);
  finish();
  await Promise.all([taking, looking]);
  expect(queued).toEqual([]);
  expect(await due()).toEqual([]);
});

test('it is kept where the queue does not take it', async () => {
  const { id } = await arrive();
  const { look } = createArrived({
    ledger: bench.ledger,
    takeAll: bench.engine.takeAll,
    enqueue: async () => {
      throw new Error('away');
    },
    log: createLogger('silent'),
  });
  await expect(look(`arrived:${id}`)).rejects.toThrow('away');
  expect(await due()).toEqual([`arrived:${id}`]);
});

test('items of other kinds are left to others', async () => {
  expect(await start().look('run:1')).toBe(false);
});
