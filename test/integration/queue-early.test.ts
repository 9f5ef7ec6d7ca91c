import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLogger } from '../../src/logger.js';
import { connectForRequests } from '../../src/queue/connection.js';
import { createEarly } from '../../src/queue/early.js';
import { createQueues } from '../../src/queue/queues.js';
import { type Bench, scaleUp, startBench } from '../support/engine.js';
import { usePart } from '../support/parts.js';

/* Notifications that are taken in at once, instead of waiting in the queue. */

let bench: Bench;
beforeEach(async () => {
  bench = await startBench({ playbooks: [scaleUp] });
});
afterEach(() => bench.stop());

const log = createLogger('silent');
const parts = { isConnected: () => true, log };
const slow = { alertname: 'Slow', service: 'web' };
const arriving = (labels = slow) => JSON.stringify([bench.notification([{ labels }])]);

test('what is said to be taken is in the ledger, and what is left to do about it on its agenda', async () => {
  bench.targets.add('web', 2);
  const engine = bench.another({
    // its target does not answer
    actions: new Map([
      ['test.scale', { ...bench.targets.action, observe: () => new Promise<never>(() => {}) }],
    ]),
  });
  const { take, close } = createEarly({ ...parts, takeAll: engine.takeAll });
  expect(await take(arriving())).toBe(true);
  expect(await bench.episode(slow)).toMatchObject({ state: 'open', deliveries: 1 });
  await close(10);
  await bench.pass(10_000);
  expect(bench.targets.effects).toEqual(['web: 2 → 3']);
});

test('what cannot be taken in is said to be not taken, whatever the fault', async () => {
  const failing = createEarly({
    ...parts,
    takeAll: async () => {
      throw new Error('away');
    },
  });
  expect(await failing.take(arriving())).toBe(false);
  const { take } = createEarly({ ...parts, takeAll: bench.engine.takeAll });
  expect(await take('no JSON')).toBe(false);
});

test('nothing is taken while Redis is away: it would be taken in whenever that is back', async () => {
  let isConnected = false;
  const takeAll = vi.fn(bench.engine.takeAll);
  const { take } = createEarly({ takeAll, isConnected: () => isConnected, log });
  expect(await take(arriving())).toBe(false);
  expect(takeAll).not.toHaveBeenCalled();
  isConnected = true;
  expect(await take(arriving())).toBe(true);
});

test('nothing is taken any more when it is closed, and what is in work is waited for', async () => {
  let finish = () => {};
  const { take, close } = createEarly({
    ...parts,
    takeAll: async (_batch, onWritten) => {
      onWritten?.();
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
    },
  });
  expect(await take(arriving())).toBe(true);
  let isClosed = false;
  const closing = close(5_000).then(() => {
    isClosed = true;
  });
  expect(await take(arriving())).toBe(false);
  expect(isClosed).toBe(false);
  finish();
  await closing;
});

test('nothing is taken past what waited in the queue and is in work', async () => {
  let finish = () => {};
  const { take, takeOfQueue } = createEarly({
    ...parts,
    takeAll: (_batch, onWritten) =>
      new Promise<void>((resolve) => {
        onWritten?.();
        finish = resolve;
      }),
  });
  const working = takeOfQueue([bench.notification([{ labels: slow }])]);
  expect(await take(arriving())).toBe(false);
  finish();
  await working;
  expect(await take(arriving())).toBe(true);
});

test('what takes long, as where a target hangs, is bounded: what comes beyond it is for the queue', async () => {
  const { take } = createEarly({
    ...parts,
    takeAll: (_batch, onWritten) => {
      onWritten?.();
      return new Promise(() => {});
    },
  });
  const taken = await Promise.all(Array.from({ length: 10 }, () => take(arriving())));
  expect(taken.filter((isTaken) => isTaken)).toHaveLength(4);
  expect(await take(arriving())).toBe(false);
});

test('a notification that comes alone is offered, and goes into the queue only where it is not taken', async () => {
  const connection = connectForRequests(usePart('redis').url, bench.cell);
  await connection.connect();
  try {
    const take = vi.fn(async (_data: string) => true);
    const { enqueue, counts } = createQueues({
      connection,
      cell: bench.cell,
      handOver: { take },
      log,
    });
    const waiting = async () =>
      (await counts()).reduce((sum, { state, count }) => (state === 'wait' ? sum + count : sum), 0);
    const received = bench.notification([{ labels: slow }]);
    await enqueue(received);
    expect(JSON.parse(take.mock.calls[0]?.[0] ?? '')).toEqual([received]);
    expect(await waiting()).toBe(0);
    take.mockResolvedValueOnce(false);
    await enqueue(received);
    expect(await waiting()).toBe(1);
    take.mockClear();
    // the first comes alone, the others while it is taken
    await Promise.all([received, received, received].map((one) => enqueue(one)));
    expect(take).toHaveBeenCalledTimes(1);
    expect(await waiting()).toBe(2);
  } finally {
    connection.disconnect();
  }
});
