import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLive, type Live } from '../../src/console/live.js';
import { connectForWork } from '../../src/queue/connection.js';
import { eventually } from '../support/eventually.js';
import { usePart } from '../support/parts.js';

/* What the console is told of changes, by a real Redis. */

let redis: Redis;
let reader: Redis;
let live: Live;
let stream: string;

beforeEach(() => {
  const { url } = usePart('redis');
  stream = `live-${randomUUID()}`;
  redis = new Redis(url);
  reader = connectForWork(url, 'live');
  live = createLive({ redis: reader, stream, log: pino({ level: 'silent' }) });
});
afterEach(async () => {
  live.stop();
  await redis.del(stream);
  await redis.quit();
});

const append = () => redis.xadd(stream, '*', 'record', '{}');

/** How often somebody was told, and whether they have been told that there will be no more. */
function listen() {
  const heard = { times: 0, isOver: false, leave: () => {} };
  const leave = live.subscribe(
    () => {
      heard.times += 1;
    },
    () => {
      heard.isOver = true;
    },
  );
  heard.leave = leave ?? (() => {});
  return heard;
}

async function ready(): Promise<void> {
  await eventually(
    'it reads',
    async () => String(await redis.client('LIST')),
    (clients) => clients.includes('cmd=xread'),
  );
}

test('every browser is told of a change, and changes that come together are told together', async () => {
  const [one, other] = [listen(), listen()];
  await ready();
  const before = one.times;
  await Promise.all(Array.from({ length: 50 }, append));
  await eventually(
    'both were told',
    () => Math.min(one.times, other.times),
    (times) => times > before,
  );
  await append();
  await eventually(
    'they were told again',
    () => one.times,
    (times) => times >= before + 2,
  );
  expect(one.times).toBeLessThan(before + 5);
});

test('who leaves is told no more, and at a stop everybody is sent away', async () => {
  const [one, other] = [listen(), listen()];
  await ready();
  one.leave();
  const before = one.times;
  await append();
  await eventually(
    'the other was told',
    () => other.times,
    (times) => times > 0,
  );
  expect(one.times).toBe(before);
  live.stop();
  expect([one.isOver, other.isOver]).toEqual([false, true]);
  expect(
    live.subscribe(
      () => {},
      () => {},
    ),
  ).toBeNull();
});

test('a connection that was cut is made again, and everybody looks anew', async () => {
  const one = listen();
  await ready();
  const before = one.times;
  reader.disconnect(true);
  await eventually(
    'it was told',
    () => one.times,
    (times) => times > before,
  );
  const after = one.times;
  await append();
  await eventually(
    'it hears of changes again',
    () => one.times,
    (times) => times > after,
  );
});

test('no more than two hundred browsers are told', () => {
  const all = Array.from({ length: 201 }, () =>
    live.subscribe(
      () => {},
      () => {},
    ),
  );
  expect(all.map((leave) => leave !== null).lastIndexOf(true)).toBe(199);
});
