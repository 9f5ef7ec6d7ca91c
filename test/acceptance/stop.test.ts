import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { type Jidoka, startJidoka } from '../support/jidoka.js';
import { startRedis, type TestRedis } from '../support/parts/redis.js';

/** How long `docker stop` waits before it kills. */
const dockerGraceMs = 10_000;

let redis: TestRedis;
let jidoka: Jidoka;

beforeEach(async () => {
  redis = await startRedis();
  jidoka = await startJidoka({
    REDIS_URL: redis.url,
    DOCKER_HOST: 'unix:///nowhere/docker.sock',
  });
});

afterEach(async () => {
  await redis.stop();
});

function lines(word: string): string[] {
  return jidoka.logged.filter((line) => line.includes(word));
}

test('a client that never finishes its request keeps the engine neither from draining nor from ending', async () => {
  const admin = new Redis(redis.url);
  admin.on('error', () => {});
  const { hostname, port } = new URL(jidoka.url);
  const slow = connect(Number(port), hostname);
  await once(slow, 'connect');
  slow.on('error', () => {});
  slow.write(
    'POST /webhooks/alertmanager HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{',
  );
  await sleep(200);

  const clients = async () =>
    String(await admin.client('LIST'))
      .trim()
      .split('\n').length;
  expect(await clients()).toBeGreaterThan(4);
  const exited = jidoka.stop();
  await eventually('only the receiver and this test are connected', clients, (count) => count <= 2);
  expect(slow.readableEnded || slow.destroyed).toBe(false);
  expect(await exited).toBe(0);
  admin.disconnect();
});

test('without Redis it ends before Docker would kill it', async () => {
  await redis.stop();
  await eventually(
    'it is noticed',
    () => lines('connection to Redis lost'),
    (found) => found.length > 0,
  );
  // until the sweep, too, waits for an answer
  await sleep(3_000);
  const exited = jidoka.stop();
  expect(await Promise.race([exited, sleep(dockerGraceMs, 'still alive', { ref: false })])).toBe(0);
});

test('a Redis that goes and comes back is told once each, however often it is tried', async () => {
  await redis.stop();
  await eventually(
    'it is noticed',
    () => lines('connection to Redis lost'),
    (found) => found.length > 0,
  );
  await sleep(3_000);
  await redis.restart();
  await eventually(
    'it is back',
    () => lines('Redis is back'),
    (found) => found.length > 0,
  );
  await jidoka.stop();
  expect(lines('connection to Redis lost')).toHaveLength(1);
  expect(lines('Redis is back')).toHaveLength(1);
  expect(JSON.parse(lines('Redis is back')[0] ?? '').awayMs).toBeGreaterThan(2_000);
  // no Swarm answers here, which has a warning of its own
  const others = jidoka.logged.filter((line) => !line.includes('Docker Swarm did not answer'));
  expect(others).toEqual([
    expect.stringContaining('connection to Redis lost'),
    expect.stringContaining('Redis is back'),
  ]);
});
