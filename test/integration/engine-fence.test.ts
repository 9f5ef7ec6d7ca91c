import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createClockWatch } from '../../src/engine/health/clock-watch.js';
import { createRestoreWatch } from '../../src/engine/health/restore-watch.js';
import { json } from '../../src/ledger/codec.js';
import { createFence } from '../../src/ledger/fence.js';
import { createLedger } from '../../src/ledger/ledger.js';
import { isRedisFault } from '../../src/ledger/redis-fault.js';
import { type Clock, systemClock } from '../../src/lib/clock.js';
import { createLogger } from '../../src/lib/logger.js';
import { type Bench, calling, scaleUp, startBench } from '../support/engine.js';
import { recordedOnly } from '../support/recorded.js';

/* An engine acts only on the ledger that it knows and by a clock that is right: Redis compares both. */

let bench: Bench;
beforeEach(async () => {
  const call = calling(scaleUp).replace('Slow', 'Odd').replace('name: scale-up', 'name: call');
  bench = await startBench({ playbooks: [scaleUp, call] });
  bench.targets.add('web', 2);
});
afterEach(() => bench.stop());

const minute = 60_000;
const hour = 60 * minute;
const slow = { alertname: 'Slow', service: 'web' };

/** A clock that is wrong by some time. */
function wrongBy(ms: number): Clock {
  return { now: () => systemClock.now() + ms };
}

/** An engine whose ledger is fenced, as one that is started; its Redis has real time. */
async function startFenced(clock: Clock = systemClock, redis = bench.redis) {
  const { cell } = bench;
  const fence = createFence({ clock });
  const ledger = createLedger({ redis, cell, fence });
  const replaced: string[] = [];
  const watch = createRestoreWatch({
    ledger: createLedger({ redis, cell }),
    ...{ clock: bench.clock, fence, restoreMarker: undefined, wake: bench.wake },
    channel: () => undefined,
    onReplaced: async () => {
      replaced.push('replaced');
    },
    log: createLogger('silent'),
  });
  await watch.look();
  const engine = bench.another({ ledger: recordedOnly(ledger, json) });
  return { ledger, watch, engine, replaced };
}

async function empty(): Promise<void> {
  await bench.redis.del(...(await bench.redis.keys(`{${bench.cell}}:*`)));
}

const pauses = () => bench.redis.hlen(bench.ledger.keys.pauses);
const keysLeft = () => bench.redis.keys(`{${bench.cell}}:*`);
const refused = async (work: Promise<unknown>) => {
  const fault = await work.then(
    () => null,
    (error: unknown) => error,
  );
  return { isRedisFault: isRedisFault(fault), message: String(fault) };
};

describe('the moments until an emptied Redis is noticed', () => {
  test('see nothing done: an engine at work writes nothing to it, and acts on nothing', async () => {
    const { engine } = await startFenced();
    await empty();
    const { isRedisFault, message } = await refused(
      engine.take(bench.notification([{ labels: slow }])),
    );
    expect(isRedisFault).toBe(true);
    expect(message).toContain('restored, lost or replaced');
    expect(bench.targets.effects).toEqual([]);
    expect(await keysLeft()).toEqual([]);
  });

  test('see no call sent for which no target is read', async () => {
    const { engine } = await startFenced();
    await empty();
    await refused(engine.take(bench.notification([{ labels: { ...slow, alertname: 'Odd' } }])));
    expect(bench.targets.calls.apply).toBe(0);
    expect(await keysLeft()).toEqual([]);
  });

  test('see nothing done though an engine that knows nothing has started on it meanwhile', async () => {
    const { engine } = await startFenced();
    await empty();
    await startFenced();
    const { isRedisFault } = await refused(engine.take(bench.notification([{ labels: slow }])));
    expect(isRedisFault).toBe(true);
    expect(bench.targets.effects).toEqual([]);
  });

  test('see a run wait that was about to make its next change', async () => {
    const { engine, watch } = await startFenced();
    bench.use(engine);
    await bench.take([{ labels: slow }]);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    bench.clock.advance(5 * minute);
    await empty();
    const [run] = await bench.runs();
    expect(run).toBeUndefined();
    await bench.settle().catch(() => {});
    await watch.look();
    expect(await pauses()).toBe(1);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
  });

  test('end with the next look: everything is paused, alerts are taken in, and the set is published again', async () => {
    const { engine, watch, replaced } = await startFenced();
    bench.use(engine);
    await empty();
    await watch.look();
    expect(await pauses()).toBe(1);
    expect(replaced).toEqual(['replaced']);
    await bench.take([{ labels: slow }]);
    expect(await bench.episode(slow)).toMatchObject({
      verdicts: [{ fate: 'held', reason: 'paused' }],
    });
    expect(bench.targets.effects).toEqual([]);
  });
});

test('a backup that is put back under an engine at work stops it until its next look', async () => {
  const { watch, engine } = await startFenced();
  const { redis, ledger } = bench;
  const backup = await redis.hgetall(ledger.keys.marks);
  bench.clock.advance(2 * minute);
  await watch.look();
  await redis.hset(ledger.keys.marks, backup);
  const { isRedisFault } = await refused(engine.take(bench.notification([{ labels: slow }])));
  expect(isRedisFault).toBe(true);
  await watch.look();
  expect(await pauses()).toBe(1);
});

test('what a failover loses keeps no engine from its work', async () => {
  const { watch, engine } = await startFenced();
  const { redis, ledger } = bench;
  const before = await redis.hgetall(ledger.keys.marks);
  bench.clock.advance(50_000);
  await watch.look();
  await redis.hset(ledger.keys.marks, before);
  bench.use(engine);
  await bench.take([{ labels: slow }]);
  expect(bench.targets.effects).toEqual(['web: 2 → 3']);
});

describe('a clock that differs from that of Redis', () => {
  test.each([2 * hour, -2 * hour, 9 * 24 * hour, 16_000, -16_000])(
    'by %d ms keeps the engine from acting, and says so',
    async (ms) => {
      const { engine } = await startFenced(wrongBy(ms));
      const { isRedisFault, message } = await refused(
        engine.take(bench.notification([{ labels: slow }])),
      );
      expect(isRedisFault).toBe(true);
      expect(message).toMatch(/clock of this engine differs from that of Redis by \d+ s: run NTP/);
      expect(bench.targets.effects).toEqual([]);
    },
  );

  test.each([10_000, -10_000])('by %d ms does not', async (ms) => {
    const { engine } = await startFenced(wrongBy(ms));
    bench.use(engine);
    await bench.take([{ labels: slow }]);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
  });

  test('by two hours takes no change of another engine for abandoned', async () => {
    const { ledger } = await startFenced();
    const other = await startFenced(wrongBy(2 * hour));
    // it has recorded what it intends, and its call is on its way
    bench.use(bench.another({ ledger, place: () => ({ take: () => {}, leave: () => {} }) }));
    await bench.take([{ labels: { ...slow, alertname: 'Odd' } }]);
    const [before] = await bench.runs();
    expect(before?.state).toBe('applying');
    bench.clock.advance(2 * hour);
    const { isRedisFault } = await refused(other.engine.look(`run:${before?.id}`));
    bench.clock.advance(-2 * hour);
    expect(isRedisFault).toBe(true);
    expect(await bench.runs()).toEqual([before]);
  });

  test('by two hours lets no engine begin, and the refusal says by how much, and what to do', async () => {
    const { redis } = bench;
    const log = createLogger('silent');
    const watch = createClockWatch({ redis, clock: wrongBy(2 * hour + 5_000), log });
    await expect(watch.refuse()).rejects.toThrow(
      /the clock of this machine is 2 h ahead of that of Redis, and at most 15 s are allowed.*run NTP/,
    );
    await createClockWatch({ redis, clock: wrongBy(-10_000), log }).refuse();
  });

  test('is not compared where the user of Redis may not ask for the time, and keeps no engine from acting', async () => {
    const { cell, redis } = bench;
    const user = `no-time-${cell}`;
    await redis.call('ACL', 'SETUSER', user, 'on', 'nopass', '~*', '+@all', '-time');
    const restricted = redis.duplicate({ username: user, password: 'any' });
    try {
      const clock = wrongBy(2 * hour);
      await createClockWatch({ redis: restricted, clock, log: createLogger('silent') }).refuse();
      const { engine } = await startFenced(clock, restricted);
      bench.use(engine);
      await bench.take([{ labels: slow }]);
      expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    } finally {
      restricted.disconnect();
      await redis.call('ACL', 'DELUSER', user);
    }
  });

  test('is told once when it begins, when it gets worse, and when it is over', async () => {
    let ms = 0;
    const said: string[] = [];
    const log = createLogger('silent');
    for (const level of ['warn', 'error'] as const) {
      log[level] = ((_: object, text: string) => said.push(`${level} ${text}`)) as never;
    }
    const clock = { now: () => systemClock.now() + ms };
    const watch = createClockWatch({ redis: bench.redis, clock, log });
    for (ms of [0, 1_000, -6_000, -7_000, 3_600_000, 3_600_000, 4_000, 0, 0]) await watch.look();
    expect(said).toEqual([
      expect.stringMatching(/^warn the clock of this machine is 6\.0 s behind that of Redis$/),
      expect.stringMatching(/^error .* is (1 h|59 min 59 s|3600\.0 s) ahead .*changes nothing/),
      'warn clock agrees with Redis again',
    ]);
  });
});
