import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type ProbeFinding, probeRedis } from '../../src/queue/probe.js';
import { eventually } from '../support/eventually.js';
import { startRedis, type TestRedis } from '../support/parts/redis.js';

/* What is found of a real Redis that does not do something the work needs. */

const cell = 'probe';
let server: TestRedis;
let admin: Redis;
const undo: (() => unknown)[] = [];

beforeAll(async () => {
  server = await startRedis();
  admin = new Redis(server.url);
});
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
  // whatever was found, nothing is left behind that stays
  for (const key of await admin.keys('*probe-*')) {
    expect(await admin.pttl(key)).toBeGreaterThan(0);
    await admin.del(key);
  }
});
afterAll(async () => {
  admin.disconnect();
  await server.stop();
});

async function set(name: string, value: string): Promise<void> {
  const [, before = ''] = (await admin.config('GET', name)) as string[];
  await admin.config('SET', name, value);
  undo.push(() => admin.config('SET', name, before));
}

/** What a user finds who may do this, and no more. */
async function foundBy(rules: readonly string[], reads = true): Promise<ProbeFinding | null> {
  await admin.call('ACL', 'SETUSER', 'jd', 'reset', 'on', '>pw', ...rules);
  const client = new Redis(server.url, { username: 'jd', password: 'pw' });
  try {
    return await probeRedis(client, { cell, reads });
  } finally {
    client.disconnect();
  }
}

const found = () => probeRedis(admin, { cell, reads: true });

describe('a Redis that does all', () => {
  test('has nothing found, and nothing written that stays', async () => {
    expect(await found()).toBeNull();
    expect(await admin.dbsize()).toBe(0);
  });

  test.each([
    ['everything', ['~*', '&*', '+@all']],
    ['what the documents ask for', ['~{probe}:*', '+@all', '-@dangerous', '+info']],
  ])('has nothing found by a user who may do %s', async (_, rules) => {
    expect(await foundBy(rules)).toBeNull();
  });

  test('needs no blocking read where nothing is worked off', async () => {
    expect(await foundBy(['~*', '+@all', '-@blocking'], false)).toBeNull();
  });
});

describe('a Redis that refuses writes', () => {
  test.each([
    ['maxmemory', '1', /memory is full \(OOM\)/, /maxmemory/],
    ['min-replicas-to-write', '1', /\(NOREPLICAS\)/, /min-replicas-to-write/],
  ])('because of %s', async (name, value, text, advice) => {
    await set(name, value);
    expect(await found()).toMatchObject({
      need: 'write',
      text: expect.stringMatching(text),
      advice: expect.stringMatching(advice),
    });
  });

  test('because it is a replica', async () => {
    await admin.replicaof('127.0.0.1', 1);
    undo.push(() => admin.replicaof('NO', 'ONE'));
    expect(await found()).toMatchObject({
      need: 'write',
      text: expect.stringMatching(/it is a replica \(READONLY\)/),
      advice: 'set REDIS_URL to the master',
    });
  });

  test('because it could not save a snapshot', async () => {
    const [, place = ''] = (await admin.config('GET', 'dir')) as string[];
    await mkdir(join(place, 'dump.rdb'));
    undo.push(() => rm(join(place, 'dump.rdb'), { recursive: true }));
    await set('save', '3600 1');
    await admin.set('something', 1);
    await admin.bgsave();
    await eventually(
      'it has failed',
      () => admin.info('persistence'),
      (info) => info.includes('rdb_last_bgsave_status:err'),
    );
    expect(await found()).toMatchObject({
      need: 'write',
      text: expect.stringMatching(/its last snapshot .* \(MISCONF, rdb_last_bgsave_status\)/),
      advice: expect.stringContaining('its disk'),
    });
    await admin.config('SET', 'save', '');
    await admin.del('something');
  });
});

describe('a user who may not do all', () => {
  test.each([
    ['-@scripting', /^this user may not run eval \(NOPERM\)/],
    ['-eval', /may not run eval/],
    ['-evalsha', /may not run evalsha/],
    ['-@write', /may not run set, incr, .* and \d+ more \(NOPERM\)/],
    ['-@stream', /may not run xadd, xtrim, xrange, xrevrange \(NOPERM\)/],
    ['-@sortedset', /may not run zadd, .* and \d+ more \(NOPERM\)/],
    ['-@list', /may not run .*\blpush\b/],
    ['-@keyspace', /may not run .*\bdel\b/],
    ['-zrevrange', /may not run zrevrange \(NOPERM\)/],
    ['-multi', /may not run multi \(NOPERM\)/],
    ['-exec', /may not run exec \(NOPERM\)/],
    ['-@transaction', /may not run multi, exec \(NOPERM\)/],
  ])('finds what is missing: %s', async (rule, text) => {
    expect(await foundBy(['~*', '&*', '+@all', rule])).toMatchObject({
      need: 'write',
      text: expect.stringMatching(text),
      advice: expect.stringContaining('ACL SETUSER'),
    });
  });

  test.each([['-@blocking'], ['-bzpopmin']])(
    'finds that jobs are not waited for: %s',
    async (rule) => {
      expect(await foundBy(['~*', '&*', '+@all', rule])).toMatchObject({
        need: 'read',
        text: 'this user may not run bzpopmin (NOPERM)',
      });
    },
  );

  test.each([
    [['~other:*']],
    [['~{probe}:ledger:*']],
    [['~{probe}:intake:*', '~{probe}:work:*', '~{probe}:messages:*']],
    [['%R~*']],
  ])('finds that keys of the cell are not its own: %j', async (rules) => {
    expect(await foundBy(['+@all', ...rules])).toMatchObject({
      need: 'write',
      text: expect.stringMatching(/NOPERM/),
    });
  });
});

test('a Redis that does not answer is an error, and nothing that it refused', async () => {
  const gone = new Redis('redis://127.0.0.1:1', { lazyConnect: true, retryStrategy: () => null });
  gone.on('error', () => {});
  await expect(probeRedis(gone, { cell, reads: true })).rejects.toThrow();
  gone.disconnect();
});
