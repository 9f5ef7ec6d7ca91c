import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLedger } from '../../src/ledger/ledger.js';
import { startRedis, type TestRedis } from '../support/parts/redis.js';
import { sampleRun } from '../unit/ledger/sample-run.js';

let server: TestRedis;
let redis: Redis;

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

test('a Redis that has no memory left refuses a transaction as a whole, and takes it when it has some again', async () => {
  const ledger = createLedger({ redis, cell: 'cell' });
  const run = sampleRun();
  const save = ledger.saveRun(null, run);
  const transaction = {
    checks: [save.check],
    claims: [
      { kind: 'lock', key: ledger.keys.lock('t'), owner: run.id },
      {
        kind: 'window',
        key: ledger.keys.admissions('fleet'),
        ms: 1_000,
        count: 9,
        member: run.id,
        keepMs: 1_000,
      },
    ],
    writes: [...save.writes, ledger.audit({ atMs: 1, subject: 'run', id: run.id, event: 'asked' })],
    nowMs: 1_000,
  } as const;
  // the script is known to Redis already: what is refused is its execution
  await ledger.commit({ checks: [], writes: [], nowMs: 1_000 });
  await redis.set('small', 'kept');
  await redis.set('ballast', 'x'.repeat(4_000_000));
  await redis.config('SET', 'maxmemory', '3mb');
  const before = await redis.dbsize();

  await expect(ledger.commit(transaction)).rejects.toThrow(/OOM/);
  // what needs no memory is not done by halves either
  await expect(
    ledger.commit({ checks: [], writes: [['DEL', 'small'], ...save.writes], nowMs: 1_000 }),
  ).rejects.toThrow(/OOM/);
  expect(await redis.get('small')).toBe('kept');
  expect(await redis.dbsize()).toBe(before);
  expect(await ledger.run(run.id)).toBeNull();

  await redis.config('SET', 'maxmemory', '0');
  expect(await ledger.commit(transaction)).toEqual({ kind: 'committed' });
  expect((await ledger.run(run.id))?.rev).toBe(1);
});
