import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Config } from '../../src/app/config.js';
import { examineRedis } from '../../src/cli/doctor/redis.js';
import { createLedger } from '../../src/ledger/ledger.js';
import { createLogger } from '../../src/lib/logger.js';
import { createQueues } from '../../src/queue/queues.js';
import { eventually } from '../support/eventually.js';
import { startRedis, type TestRedis } from '../support/parts/redis.js';
import { commit, fire } from '../support/receiver.js';

/* What the doctor sees of a real Redis that is set up badly in one way or another. */

const cell = 'doctor';
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

async function examine(
  redisUrl = server.url,
  role: Config['role'] = 'all',
): Promise<readonly string[]> {
  const findings = await examineRedis({ redisUrl, cell, role, timeoutMs: 2_000 });
  return findings.map(({ level, text }) => `${level}: ${text}`);
}

/** What is found while a setting has another value. */
async function examineWith(setting: string, value: string): Promise<string> {
  const [, before = ''] = (await redis.config('GET', setting)) as string[];
  await redis.config('SET', setting, value);
  try {
    return (await examine()).join('\n');
  } finally {
    await redis.config('SET', setting, before);
  }
}

test('a Redis that is set up as it should be has nothing wrong', async () => {
  expect(await examineWith('appendfsync', 'always')).not.toMatch(/warning|wrong/);
  expect(await examine()).toEqual([
    expect.stringMatching(/^ok: version \d+\.\S+, master, redis:\/\/127\.0\.0\.1:\d+$/),
    'ok: maxmemory-policy noeviction',
    expect.stringMatching(/^note: .*everysec: a dying machine may lose the last second/),
    'ok: it does all that the work needs',
    'note: cell "doctor" has no ledger yet: it has taken in no alert so far',
  ]);
});

test('what throws alerts away or forgets them is wrong', async () => {
  expect(await examineWith('maxmemory-policy', 'allkeys-lru')).toContain(
    'wrong: maxmemory-policy is allkeys-lru',
  );
  expect(await examineWith('appendonly', 'no')).toContain('wrong: appendonly is no');
  expect(await examineWith('appendfsync', 'no')).toContain(
    'warning: appendonly yes, appendfsync no',
  );
  expect(await examineWith('appendfsync', 'always')).toContain(
    'ok: appendonly yes, appendfsync always',
  );
});

test('a replica is wrong, because it refuses writes', async () => {
  await redis.call('REPLICAOF', '127.0.0.1', '1');
  try {
    expect((await examine()).join('\n')).toContain('wrong: it is a replica of 127.0.0.1:1');
  } finally {
    await redis.call('REPLICAOF', 'NO', 'ONE');
  }
});

test('what a replica has not received is said to be lost when it takes over', async () => {
  const replica = await startRedis();
  const client = new Redis(replica.url);
  try {
    await client.call('REPLICAOF', '127.0.0.1', new URL(server.url).port);
    await eventually(
      'it follows',
      () => examine(),
      (found) => found.join().includes('a replica follows'),
    );
    expect(await examine()).toContainEqual(
      expect.stringMatching(/^note: a replica follows it: when one takes over .* is lost/),
    );
  } finally {
    client.disconnect();
    await replica.stop();
  }
});

/** What a user finds who may do this, and no more. */
async function examineAs(rules: readonly string[], role?: Config['role']): Promise<string> {
  const password = randomUUID();
  await redis.call('ACL', 'SETUSER', 'limited', 'reset', 'on', `>${password}`, ...rules);
  const url = server.url.replace('redis://', `redis://limited:${password}@`);
  const found = (await examine(url, role)).join('\n');
  await redis.call('ACL', 'DELUSER', 'limited');
  expect(found).not.toContain(password);
  return found;
}

test('what a managed Redis does not show is said to be unseen', async () => {
  const found = await examineAs(['~*', '+@all', '-@dangerous', '-time']);
  expect(found).toContain('note: its version could not be seen (this Redis does not show it)');
  for (const setting of ['maxmemory-policy', 'appendonly']) {
    expect(found).toContain(`note: ${setting} could not be seen (this Redis does not show it)`);
  }
  expect(found).not.toMatch(/wrong|warning/);
  const hidden = await examineAs(['~*', '+@all', '-config']);
  expect(hidden).toContain('note: appendfsync could not be seen (this Redis does not show it)');
});

test.each([
  ['+@all', '-@scripting', 'may not run eval'],
  ['+@all', '-@blocking', 'may not run bzpopmin'],
  ['+@all', '-xadd', 'may not run xadd'],
  ['+@read', '+@connection', 'may not run'],
])('a user with the rights %s %s cannot do the work: that is wrong', async (...given) => {
  const [some, more, text] = given;
  expect(await examineAs(['~*', some, more])).toContain(`wrong: this user ${text}`);
});

test('an engine that only receives needs no blocking read', async () => {
  expect(await examineAs(['~*', '+@all', '-@blocking'], 'receiver')).not.toMatch(/wrong/);
});

test.each([
  ['maxmemory', '1', 'its memory is full (OOM)'],
  ['min-replicas-to-write', '1', '(NOREPLICAS)'],
])('a Redis that refuses writes for its %s is wrong', async (setting, value, text) => {
  const found = await examineWith(setting, value);
  expect(found).toContain('wrong: it refuses writes: ');
  expect(found).toContain(text);
});

test('a Redis that cannot write its snapshot is wrong', async () => {
  const [, dir = ''] = (await redis.config('GET', 'dir')) as string[];
  await mkdir(join(dir, 'dump.rdb'));
  await redis.config('SET', 'save', '3600 1');
  await redis.set('changed', 1);
  await redis.bgsave();
  await eventually(
    'it has failed',
    () => redis.info('persistence'),
    (info) => info.includes('rdb_last_bgsave_status:err'),
  );
  try {
    expect((await examine()).join('\n')).toMatch(
      /wrong: it refuses writes: .* \(MISCONF, rdb_last_bgsave_status\)/,
    );
  } finally {
    await redis.config('SET', 'save', '');
    await rm(join(dir, 'dump.rdb'), { recursive: true });
    await redis.del('changed');
  }
});

test('a queue that is paused is wrong', async () => {
  await redis.hset(`{${cell}}:intake:meta`, 'paused', 1);
  expect(await examine()).toContain('wrong: the queue intake is paused, with a tool for BullMQ');
  await redis.del(`{${cell}}:intake:meta`);
});

test('what has waited for long in a queue is told', async () => {
  const queues = createQueues({ connection: redis, cell, log: createLogger('silent') });
  await queues.enqueueItem('run:a', Date.now() - 5_000);
  expect((await examine()).join()).not.toContain('in the queue');
  const [job = ''] = await redis.lrange(`{${cell}}:work:wait`, 0, -1);
  await redis.hset(`{${cell}}:work:${job}`, 'timestamp', Date.now() - 90_000);
  expect((await examine()).join('\n')).toMatch(
    /warning: 1 job waits in the queue work, the oldest for 9\d s/,
  );
  await redis.del(...(await redis.keys(`{${cell}}:work:*`)));
});

test('a ledger is found by its cell', async () => {
  const ledger = createLedger({ redis, cell });
  const atMs = Date.now();
  const save = ledger.saveEpisode(null, fire('web', atMs));
  const record = ledger.audit({ atMs, subject: 'episode', id: 'web-1', event: 'opened' });
  await commit(ledger, [...save.writes, record]);
  expect(await examine()).toContain(
    'ok: cell "doctor": 1 open alerts, 0 runs in progress, 0 questions to people',
  );
});

test('a password that is refused is told without it', async () => {
  const url = server.url.replace('redis://', 'redis://nobody:hunter2@');
  const [finding = ''] = await examine(url);
  expect(finding).toMatch(/^wrong: .*WRONGPASS/);
  expect(finding).not.toContain('hunter2');
});

test('a Redis that is not there is wrong; one that the engine starts itself is not', async () => {
  expect(await examine('redis://127.0.0.1:1')).toEqual(['wrong: connection refused (127.0.0.1:1)']);
  const own = await examineRedis({ redisUrl: undefined, cell, role: 'all', timeoutMs: 2_000 });
  expect(own).toMatchObject([{ level: 'note', text: expect.stringContaining('starts a Redis') }]);
});
