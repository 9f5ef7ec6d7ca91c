import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRemoteWorker } from '../../src/app/remote-worker.js';
import { createLedger, type Ledger } from '../../src/ledger/ledger.js';
import { joinLedger } from '../../src/ledger/schema.js';
import { systemClock } from '../../src/lib/clock.js';
import { usePart } from '../support/parts.js';

/* What an engine that only receives knows of the workers elsewhere. */

let redis: Redis;
let ledger: Ledger;

beforeAll(() => {
  redis = new Redis(usePart('redis').url);
  ledger = createLedger({ redis, cell: `elsewhere-${randomUUID()}` });
});
afterAll(() => redis.quit());

/** As if the last worker had said so long ago that it is there. */
const lastSeen = (version: number, agoMs: number) =>
  redis.pexpire(ledger.keys.presentVersion(version), 30_000 - agoMs);

test('there is a worker for as long as one has just said so', async () => {
  const acting = createRemoteWorker(ledger);
  await expect(acting.check()).rejects.toThrow(/none has been seen/);
  await joinLedger({ ledger, clock: systemClock });
  expect(await acting.check()).toMatch(/^elsewhere; the last was seen 0 s ago/);
  expect(await acting.metrics()).toEqual([]);

  await lastSeen(1, 20_000);
  await expect(acting.check()).rejects.toThrow(/the last was seen 20 s ago/);
  await expect(acting.metrics()).rejects.toThrow(/no worker/);
  expect(await acting.connections()).toMatchObject([{ name: 'Workers', state: 'failed' }]);
});

test.each([0, 2])('workers of version %i count too, during an upgrade', async (version) => {
  const acting = createRemoteWorker(ledger);
  await lastSeen(1, 20_000);
  await redis.set(ledger.keys.presentVersion(version), 'present', 'PX', 30_000);
  expect(await acting.check()).toMatch(/^elsewhere/);
  await redis.del(ledger.keys.presentVersion(version));
});
