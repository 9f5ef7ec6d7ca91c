import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLedger, type Ledger } from '../../src/ledger/ledger.js';
import { isRedisFault } from '../../src/ledger/redis-fault.js';
import { startRedis, type TestRedis } from '../support/parts/redis.js';
import { sampleRun } from '../unit/ledger/sample-run.js';

let server: TestRedis;
let redis: Redis;
let admin: Redis;
let ledger: Ledger;

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
  admin = new Redis(server.url);
  ledger = createLedger({ redis, cell: 'cell' });
});
afterAll(async () => {
  redis.disconnect();
  admin.disconnect();
  await server.stop();
});

/** A run that is saved with its audit record. */
function saving(id: string) {
  const run = sampleRun({ id });
  const save = ledger.saveRun(null, run);
  const record = ledger.audit({ atMs: 1, subject: 'run', id, event: 'asked' });
  return { checks: [save.check], writes: [...save.writes, record], nowMs: 1_000 };
}

test('a Redis that became a replica refuses a transaction as a whole, and takes it when it leads again', async () => {
  await ledger.commit({ checks: [], writes: [], nowMs: 1_000 });
  await admin.replicaof('127.0.0.1', 1);
  const refusal = await ledger.commit(saving('a')).catch((error: unknown) => error);
  expect(String(refusal)).toMatch(/READONLY/);
  // so that nothing is given up for it
  expect(isRedisFault(refusal)).toBe(true);
  expect(await ledger.run('a')).toBeNull();
  await admin.replicaof('NO', 'ONE');
  expect(await ledger.commit(saving('a'))).toEqual({ kind: 'committed' });
  expect((await ledger.run('a'))?.rev).toBe(1);
});

test('a Redis that pauses is waited for, and of two who wait with the same transaction one is too late', async () => {
  await admin.client('PAUSE', 1_000, 'ALL');
  const both = Promise.all([ledger.commit(saving('b')), ledger.commit(saving('b'))]);
  const first = await Promise.race([both, sleep(300)]);
  expect(first).toBeUndefined();
  expect(await both).toEqual([{ kind: 'committed' }, { kind: 'conflict', check: 0 }]);
  const { keys } = ledger;
  const records = await redis.xrange(keys.audit, '-', '+');
  expect(records.filter(([, fields]) => fields[1]?.includes('"id":"b"'))).toHaveLength(1);
});
