import { Redis } from 'ioredis';
import { afterEach, expect, test } from 'vitest';
import { createLogger } from '../../src/lib/logger.js';
import { createQueues } from '../../src/queue/queues.js';
import { createWorkers } from '../../src/queue/workers.js';
import { type Bench, scaleUp, startBench } from '../support/engine.js';
import { untilPasses } from '../support/eventually.js';
import { usePart } from '../support/parts.js';

const log = createLogger('silent');
const lockMs = 300;
const cleanups: (() => unknown)[] = [];
let bench: Bench;

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  await bench.stop();
});

function connect(): Redis {
  const redis = new Redis(usePart('redis').url, { maxRetriesPerRequest: null });
  cleanups.push(() => redis.disconnect());
  return redis;
}

/** A worker as on a machine of its own. */
function startWorker(item: (item: string) => Promise<void>): void {
  const nothing = async () => {};
  const handlers = {
    item,
    notifications: nothing,
    apart: nothing,
    evidence: async () => {},
    message: nothing,
    notificationFailed: nothing,
    itemFailed: nothing,
  };
  const workers = createWorkers({ connection: connect(), cell: bench.cell, lockMs, handlers, log });
  cleanups.push(() => workers.close(1_000));
}

test('a worker whose event loop stands still for longer than its job is its own changes nothing twice', async () => {
  bench = await startBench({ playbooks: [scaleUp] });
  const { targets } = bench;
  targets.add('web', 2);
  await bench.engine.take(bench.notification([{ labels: { alertname: 'Slow', service: 'web' } }]));
  const [run] = await bench.runs();

  let begun = 0;
  let ended = 0;
  let letGoOn = () => {};
  const bothHaveIt = new Promise<void>((resolve) => {
    letGoOn = resolve;
  });
  const look = async (item: string) => {
    begun += 1;
    if (begun === 1) {
      const until = Date.now() + 2 * lockMs;
      while (Date.now() < until);
    }
    if (begun === 2) letGoOn();
    // the job is given to another worker, and both go on at the same moment
    await bothHaveIt;
    await bench.another().look(item);
    ended += 1;
  };
  startWorker(look);
  startWorker(look);
  const queues = createQueues({ connection: connect(), cell: bench.cell, log });
  await queues.enqueueItem(`run:${run?.id}`, 0);
  await untilPasses(() => expect(ended).toBe(2));
  expect(targets.effects).toEqual(['web: 2 → 3']);
  expect(targets.calls.apply).toBe(1);
});
