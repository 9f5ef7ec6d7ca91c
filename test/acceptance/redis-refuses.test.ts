import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { type Jidoka, startJidoka } from '../support/jidoka.js';
import { startRedis, type TestRedis } from '../support/parts/redis.js';

let redis: TestRedis;
let admin: Redis;
let jidoka: Jidoka;

beforeAll(async () => {
  redis = await startRedis();
  admin = new Redis(redis.url);
  admin.on('error', () => {});
  jidoka = await startJidoka({
    REDIS_URL: redis.url,
    LOG_LEVEL: 'silent',
    DOCKER_HOST: 'unix:///nowhere/docker.sock',
  });
});

afterAll(async () => {
  admin.disconnect();
  await jidoka.stop();
  await redis.stop();
});

async function ready() {
  const answer = await fetch(`${jidoka.url}/-/ready`);
  const { checks } = (await answer.json()) as { checks: { redis: { detail: string } } };
  return { status: answer.status, redis: checks.redis.detail };
}

async function figures(): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${jidoka.url}/metrics`);
  return { status: answer.status, text: await answer.text() };
}

test('an engine whose Redis takes no writes is not ready, and says why', async () => {
  expect(await ready()).toEqual({ status: 200, redis: 'writable' });
  await admin.config('SET', 'maxmemory', '1');
  expect(await ready()).toEqual({ status: 503, redis: expect.stringMatching(/^OOM /) });
  await admin.config('SET', 'maxmemory', '0');
  await admin.config('SET', 'min-replicas-to-write', '1');
  expect(await ready()).toEqual({ status: 503, redis: expect.stringMatching(/^NOREPLICAS /) });
  await admin.config('SET', 'min-replicas-to-write', '0');
  expect((await ready()).status).toBe(200);
});

test('what can be had without Redis is shown while it is away, and what cannot is said to be missing', async () => {
  const before = (await figures()).text;
  expect(before).toMatch(/^jidoka_redis_up 1$/m);
  expect(before).toMatch(/^jidoka_acting_up 1$/m);
  expect(before).toMatch(/^jidoka_queue_jobs\{.*\} \d+$/m);
  expect(before).toMatch(/^jidoka_decisions_held \d+$/m);

  await redis.stop();
  const { status, text } = await eventually('it is noticed', figures, (seen) =>
    seen.text.includes('jidoka_redis_up 0'),
  );
  expect(status).toBe(200);
  expect(text).toMatch(/^jidoka_acting_up 1$/m);
  expect(text).toMatch(/^jidoka_decision_seconds_count /m);
  expect(text).not.toMatch(/^jidoka_(queue_jobs|decisions_held)[{ ]/m);

  await redis.restart();
  await eventually('it is back', figures, (seen) => seen.text.includes('jidoka_redis_up 1'));
});
