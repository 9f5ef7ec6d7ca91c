import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { examineRedis } from '../../src/cli/doctor/redis.js';
import { createLedger } from '../../src/ledger/ledger.js';
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

async function examine(redisUrl = server.url): Promise<readonly string[]> {
  const findings = await examineRedis({ redisUrl, cell, timeoutMs: 2_000 });
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

test('what a managed Redis does not show is said to be unseen, and nothing is written', async () => {
  const password = randomUUID();
  const readOnly = ['~*', '+@read', '+@connection', '+info', '+time'];
  await redis.call('ACL', 'SETUSER', 'reader', 'on', `>${password}`, ...readOnly);
  const url = server.url.replace('redis://', `redis://reader:${password}@`);
  const findings = await examine(url);
  expect(findings).toContain(
    'note: appendfsync could not be seen (this Redis does not show it); it should be always',
  );
  expect(findings.join()).not.toMatch(/wrong|warning/);
  expect(findings.join()).not.toContain(password);
  await redis.call('ACL', 'DELUSER', 'reader');
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
  expect(await examine('redis://127.0.0.1:1')).toEqual(['wrong: connect ECONNREFUSED 127.0.0.1:1']);
  const own = await examineRedis({ redisUrl: undefined, cell, timeoutMs: 2_000 });
  expect(own).toMatchObject([{ level: 'note', text: expect.stringContaining('starts a Redis') }]);
});
