import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Readiness } from '../../src/api/health.js';
import { neededCommands } from '../../src/queue/probe.js';
import { postAlerts, webhookAlert, webhookBody } from '../support/alerts.js';
import { eventually } from '../support/eventually.js';
import { type Jidoka, runJidoka, startJidoka } from '../support/jidoka.js';
import { startRedis, type TestRedis } from '../support/parts/redis.js';

/* What an engine does on a Redis that answers and refuses something that the work needs. */

const cell = 'rights';
const password = randomUUID();
let server: TestRedis;
let admin: Redis;
let url: string;
const undo: (() => unknown)[] = [];

beforeAll(async () => {
  server = await startRedis();
  admin = new Redis(server.url);
  url = server.url.replace('redis://', `redis://jd:${password}@`);
});
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});
afterAll(async () => {
  admin.disconnect();
  await server.stop();
});

const environment = () => ({
  REDIS_URL: url,
  JIDOKA_CELL: cell,
  DOCKER_HOST: 'unix:///nowhere/docker.sock',
});

async function grant(...rules: readonly string[]): Promise<void> {
  await admin.call('ACL', 'SETUSER', 'jd', 'reset', 'on', `>${password}`, ...rules);
}

async function start(): Promise<Jidoka> {
  const jidoka = await startJidoka(environment());
  undo.push(() => jidoka.stop());
  return jidoka;
}

async function setting(name: string, value: string): Promise<void> {
  const [, before = ''] = (await admin.config('GET', name)) as string[];
  await admin.config('SET', name, value);
  undo.push(() => admin.config('SET', name, before));
}

async function spoilSnapshots(): Promise<void> {
  const [, dir = ''] = (await admin.config('GET', 'dir')) as string[];
  await mkdir(join(dir, 'dump.rdb'));
  undo.push(() => rm(join(dir, 'dump.rdb'), { recursive: true }));
  undo.push(() => admin.del('changed'));
  await setting('save', '3600 1');
  await admin.set('changed', 1);
  await admin.bgsave();
  await eventually(
    'it has failed',
    () => admin.info('persistence'),
    (info) => info.includes('rdb_last_bgsave_status:err'),
  );
}

const all = ['~*', '&*', '+@all'];

test.each([
  ['scripts', 'this user may not run eval (NOPERM)', () => grant(...all, '-@scripting')],
  ['a blocking read', 'this user may not run bzpopmin (NOPERM)', () => grant(...all, '-@blocking')],
  ['a command', 'this user may not run xadd (NOPERM)', () => grant(...all, '-xadd')],
  ['keys', "this user may not use the cell's keys (NOPERM)", () => grant('+@all', '~other:*')],
  ['memory', 'its memory is full (OOM)', () => setting('maxmemory', '1')],
  ['too few replicas', '(NOREPLICAS)', () => setting('min-replicas-to-write', '1')],
  ['a full disk', '(MISCONF, rdb_last_bgsave_status)', spoilSnapshots],
])('an engine does not start on a Redis that refuses what it needs: %s', async (_, text, spoil) => {
  await grant(...all);
  await spoil();
  const { code, stderr } = await runJidoka(['serve'], { ...environment(), PORT: '0' });
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^jidoka: Redis at redis:\/\/127\.0\.0\.1:\d+ \(REDIS_URL\) cannot be used: /,
  );
  expect(stderr).toContain(text);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  const doctor = await runJidoka(['doctor'], environment());
  expect(doctor.code).toBe(1);
  expect(doctor.stdout.replace(/\s+/g, ' ')).toContain(text);
  expect(stderr + doctor.stdout).not.toContain(password);
});

async function readiness({ url: at }: Jidoka): Promise<Readiness & { readonly status: number }> {
  const answer = await fetch(`${at}/-/ready`);
  return { status: answer.status, ...((await answer.json()) as Readiness) };
}

const known = async (jidoka: Jidoka): Promise<number> =>
  (await jidoka.api<{ items: unknown[] }>('alerts?limit=500')).items.length;
const post = (jidoka: Jidoka, instance: string) =>
  postAlerts(jidoka.url, webhookBody([webhookAlert({ alertname: 'Unknown', instance })]));

test('an engine works with the rights that it asks for, and uses no other', async () => {
  const needed = neededCommands.map(([name = '']) => `+${name.toLowerCase()}`);
  await grant('~{rights}:*', '+bzpopmin', '+@connection', '+info', '+time', ...needed);
  await admin.config('RESETSTAT');
  const jidoka = await start();
  for (const instance of ['a', 'b', 'c']) expect((await post(jidoka, instance)).status).toBe(200);
  await Promise.all(Array.from({ length: 20 }, (_, index) => post(jidoka, `s${index}`)));
  await eventually(
    'all are known',
    () => known(jidoka),
    (count) => count === 23,
  );
  expect(await readiness(jidoka)).toMatchObject({ status: 200, checks: { queue: { ok: true } } });
  const stats = await admin.info('commandstats');
  const refused = [...stats.matchAll(/^cmdstat_([^:]+):.*rejected_calls=([1-9]\d*)/gm)];
  expect(refused.map(([, name]) => name)).toEqual(['config|get']);
});

test('an engine that may no longer wait for jobs says so at once, and takes nothing in after a minute', async () => {
  await grant(...all);
  const jidoka = await start();
  const before = await known(jidoka);
  await admin.call('ACL', 'SETUSER', 'jd', '-@blocking');
  expect(await readiness(jidoka)).toMatchObject({
    status: 200,
    checks: {
      redis: { ok: true },
      queue: { ok: false, detail: expect.stringMatching(/^NOPERM .*'bzpopmin'.*ACL SETUSER/) },
    },
  });
  const metrics = await (await fetch(`${jidoka.url}/metrics`)).text();
  expect(metrics).toMatch(/^jidoka_redis_usable 0$/m);

  // a worker that waits already is told of the next job
  await eventually(
    'no worker waits',
    async () => jidoka.logged.filter((line) => line.includes('bzpopmin')),
    (lines) => lines.some((line) => line.includes('"queue":"intake"')),
  );
  const storm = await Promise.all(
    Array.from({ length: 60 }, (_, index) => post(jidoka, `b${index}`)),
  );
  expect(storm.map(({ status }) => status)).toEqual(storm.map(() => 200));
  const { checks } = await eventually(
    'it is not ready',
    () => readiness(jidoka),
    ({ status }) => status === 503,
    90_000,
  );
  expect(checks.queue?.detail).toMatch(
    /in the queue intake, and no worker has worked one off for 6\d s; NOPERM/,
  );
  expect((await post(jidoka, 'late')).status).toBe(503);
  expect(await (await fetch(`${jidoka.url}/metrics`)).text()).toMatch(
    /^jidoka_queue_stuck\{queue="intake"\} 1$/m,
  );

  // ten times a second it is refused; that is said once a minute
  expect(jidoka.logged.filter((line) => line.includes('"queue":"intake"')).length).toBeLessThan(5);

  await admin.call('ACL', 'SETUSER', 'jd', '+@all');
  await eventually(
    'all are known',
    () => known(jidoka),
    (count) => count === before + 60,
    60_000,
  );
  await eventually(
    'it is ready',
    () => readiness(jidoka),
    ({ status }) => status === 200,
  );
  expect((await post(jidoka, 'late')).status).toBe(200);
}, 240_000);
