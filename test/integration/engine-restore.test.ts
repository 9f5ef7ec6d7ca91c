import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRestoreMarker, type RestoreMarker } from '../../src/engine/health/restore-marker.js';
import { createRestoreWatch } from '../../src/engine/health/restore-watch.js';
import { acceptLedger, recordRestored } from '../../src/engine/health/restored.js';
import { createPauses } from '../../src/guard/pauses.js';
import { createLogger } from '../../src/lib/logger.js';
import { type Bench, scaleUp, startBench } from '../support/engine.js';
import { makeDir } from '../support/parts/place.js';

let bench: Bench;
let dir: string;
beforeEach(async () => {
  bench = await startBench({ playbooks: [scaleUp] });
  bench.targets.add('web', 2);
  dir = await makeDir('marker');
});
afterEach(() => bench.stop());

const minute = 60_000;
const odd = { alertname: 'Odd' };
const nowhere: RestoreMarker = {
  place: '/nowhere/marker.json',
  read: async () => null,
  write: () => Promise.reject(new Error('there is no place to write to')),
};

/** An engine that starts, as far as it watches for restores. */
async function start(
  restoreMarker: RestoreMarker = createRestoreMarker({ dir, cell: bench.cell }),
) {
  const { ledger, clock, wake } = bench;
  const log = createLogger('silent');
  const watch = createRestoreWatch({
    ...{ ledger, clock, restoreMarker, wake, log },
    channel: () => '#ops',
  });
  await watch.look();
  return watch;
}

/** A backup of everything that the cell has in Redis; what it gives back puts it back. */
async function backup(): Promise<() => Promise<void>> {
  const { redis, cell } = bench;
  const keys = await redis.keys(`{${cell}}:*`);
  const values = await Promise.all(keys.map((key) => redis.dumpBuffer(key)));
  return async () => {
    await redis.del(...(await redis.keys(`{${cell}}:*`)));
    for (const [index, key] of keys.entries()) await redis.restore(key, 0, values[index] ?? '');
  };
}

async function pauses(): Promise<object[]> {
  const found = await bench.redis.hvals(bench.ledger.keys.pauses);
  return found.map((text) => JSON.parse(text));
}

const reports = async () =>
  (await bench.escalations()).filter(({ value }) => value.reason === 'restored');

describe('a restore from a backup', () => {
  test('is seen by an engine that is at work: it pauses everything and tells a person', async () => {
    const watch = await start(nowhere);
    const restore = await backup();
    bench.clock.advance(2 * minute);
    await watch.look();
    await restore();
    await watch.look();
    expect(await pauses()).toMatchObject([
      { of: 'everything', by: 'jidoka', sinceMs: bench.clock.now(), untilMs: null },
    ]);
    expect(await reports()).toMatchObject([
      { value: { state: 'open', channel: '#ops', title: 'The ledger was restored from a backup' } },
    ]);
    expect(await bench.audited('cell')).toMatchObject([{ event: 'restored', by: 'jidoka' }]);
  });

  test('is seen by an engine that starts after it, from its marker', async () => {
    await (await start()).look();
    const restore = await backup();
    bench.clock.advance(2 * minute);
    const before = await start();
    await before.look();
    await restore();
    await start();
    expect(await pauses()).toHaveLength(1);
    expect(await reports()).toHaveLength(1);
  });

  test('is told once, however many engines see it, and however often', async () => {
    const watches = await Promise.all([start(), start(nowhere), start()]);
    const restore = await backup();
    bench.clock.advance(2 * minute);
    for (const watch of watches) await watch.look();
    await restore();
    for (const watch of watches) await watch.look();
    await start();
    for (const watch of watches) await watch.look();
    expect(await reports()).toHaveLength(1);
  });

  test('that happens again is told again', async () => {
    const watch = await start();
    const restore = await backup();
    for (let round = 1; round <= 2; round += 1) {
      bench.clock.advance(2 * minute);
      await watch.look();
      await restore();
      await watch.look();
      expect(await reports()).toHaveLength(1);
      expect(await pauses()).toHaveLength(1);
    }
  });

  test('is not hidden by an engine that starts after it and knows nothing', async () => {
    const watch = await start(nowhere);
    const restore = await backup();
    bench.clock.advance(2 * minute);
    await watch.look();
    await restore();
    await start(nowhere);
    expect(await pauses()).toHaveLength(0);
    await watch.look();
    expect(await pauses()).toHaveLength(1);
  });

  test('of nothing at all, under an engine at work, is seen too', async () => {
    const watch = await start();
    const { redis, ledger } = bench;
    const id = await redis.get(ledger.keys.ledgerId);
    await redis.del(...(await redis.keys(`{${bench.cell}}:*`)));
    await watch.look();
    expect(await redis.get(ledger.keys.ledgerId)).not.toBe(id);
    expect(await reports()).toHaveLength(1);
  });

  test('holds every run until a person lifts the pause', async () => {
    const watch = await start();
    const restore = await backup();
    bench.clock.advance(2 * minute);
    await watch.look();
    await restore();
    await watch.look();
    const slow = { alertname: 'Slow', service: 'web' };
    await bench.take([{ labels: slow }]);
    expect(await bench.episode(slow)).toMatchObject({
      verdicts: [{ fate: 'held', reason: 'paused' }],
    });
    expect(bench.targets.effects).toEqual([]);
    const { ledger, clock } = bench;
    await createPauses({ ledger, clock }).lift({ of: 'everything' }, { by: 'ada' });
    await bench.pass(minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
  });

  test('still has its alerts recorded', async () => {
    const watch = await start();
    const restore = await backup();
    bench.clock.advance(2 * minute);
    await watch.look();
    await restore();
    await watch.look();
    await bench.take([{ labels: odd }]);
    expect(await bench.episode(odd)).toMatchObject({ state: 'open' });
  });
});

describe('no restore is seen', () => {
  test('in the first start, a restart, a long stop, and a clock that goes back', async () => {
    const watch = await start();
    bench.clock.advance(5_000);
    await watch.look();
    bench.clock.advance(30 * 24 * 60 * minute);
    const later = await start();
    bench.clock.advance(-90 * minute);
    await later.look();
    await start();
    expect(await pauses()).toEqual([]);
    expect(await reports()).toEqual([]);
  });

  test('in what a failover loses', async () => {
    const watch = await start();
    const failover = await backup();
    bench.clock.advance(50_000);
    await watch.look();
    await failover();
    await watch.look();
    await start();
    expect(await pauses()).toEqual([]);
  });

  test.each(['{"torn', '{"markMs": 1}', 'null', ''])('in a marker that holds %j', async (text) => {
    await start();
    const [file = ''] = await readdir(dir);
    bench.clock.advance(10 * minute);
    await writeFile(join(dir, file), text);
    await start();
    expect(await pauses()).toEqual([]);
  });

  test('where the clock was set forward by more than 7 days, back again, or only for one engine', async () => {
    const [watch, other] = [await start(), await start(nowhere)];
    for (const days of [8, 60, -30, 9]) {
      bench.clock.advance(days * 24 * 60 * minute);
      await watch.look();
      await watch.look();
      await other.look();
      await start();
      expect(await pauses(), `${days} days`).toEqual([]);
    }
  });
});

describe('another ledger than the restore marker names', () => {
  /** Empties Redis, as far as it is the cell's. */
  async function empty() {
    await bench.redis.del(...(await bench.redis.keys(`{${bench.cell}}:*`)));
  }
  const elsewhere = (markMs = bench.clock.now()) =>
    createRestoreMarker({ dir, cell: bench.cell }).write({ ledgerId: 'another', markMs });

  test('counts as a restore: everything is paused, and a person is told which ledger was expected', async () => {
    await start();
    const id = await bench.redis.get(bench.ledger.keys.ledgerId);
    await bench.pauses.set({ of: 'everything' }, { by: 'ada', why: 'a release', forMs: null });
    await empty();
    bench.clock.advance(minute);
    await start();
    await bench.take([{ labels: { alertname: 'Slow', service: 'web' } }]);
    expect(bench.targets.effects).toEqual([]);
    expect(await pauses()).toMatchObject([{ of: 'everything', by: 'jidoka', untilMs: null }]);
    const [told, ...others] = await reports();
    expect(others).toEqual([]);
    expect(told?.value.title).toBe('The ledger was lost or replaced');
    for (const part of [`ledger ${id}`, 'Redis is empty', 'pauses', 'jidoka restored --accept']) {
      expect(told?.value.detail).toContain(part);
    }
  });

  test('counts as one too where that ledger is in use already', async () => {
    await start(nowhere);
    await elsewhere();
    await start();
    expect(await pauses()).toHaveLength(1);
    expect((await reports())[0]?.value.detail).toContain('ledger another');
  });

  test('is told once, however many engines start on it', async () => {
    const leftMs = bench.clock.now();
    for (let engine = 0; engine < 3; engine += 1) {
      await elsewhere(leftMs);
      await start();
      bench.clock.advance(minute);
    }
    expect(await reports()).toHaveLength(1);
  });

  test('stays paused over restarts until a person accepts it', async () => {
    await elsewhere();
    await start();
    await start();
    expect(await pauses()).toHaveLength(1);
    const { ledger, clock } = bench;
    expect(await acceptLedger({ ledger, clock }, 'ada')).toBe(true);
    expect(await pauses()).toEqual([]);
    await start();
    expect(await pauses()).toEqual([]);
    expect((await bench.audited('cell')).map(({ event }) => event)).toEqual([
      'restored',
      'accepted',
    ]);
  });

  test('that was accepted before the start pauses nothing, on whichever machine', async () => {
    await elsewhere();
    const { ledger, clock } = bench;
    expect(await acceptLedger({ ledger, clock }, 'ada')).toBe(false);
    await start();
    const there = createRestoreMarker({ dir: await makeDir('there'), cell: bench.cell });
    await there.write({ ledgerId: 'another', markMs: clock.now() });
    await start(there);
    expect(await pauses()).toEqual([]);
    expect(await reports()).toEqual([]);
  });

  test('that the engine left only after it was accepted counts again', async () => {
    const { ledger, clock } = bench;
    await acceptLedger({ ledger, clock }, 'ada');
    await elsewhere(clock.now() + 10 * minute);
    await start();
    expect(await pauses()).toHaveLength(1);
  });

  test('leaves a pause that a person has set there to that person', async () => {
    await bench.pauses.set({ of: 'everything' }, { by: 'ada', why: 'a release', forMs: null });
    await elsewhere();
    await start();
    expect(await pauses()).toMatchObject([{ by: 'ada' }]);
    const { ledger, clock } = bench;
    expect(await acceptLedger({ ledger, clock }, 'bob')).toBe(false);
    expect(await pauses()).toMatchObject([{ by: 'ada' }]);
  });

  test('names a pause of a person that would have ended by itself', async () => {
    await bench.pauses.set({ of: 'everything' }, { by: 'ada', why: 'a release', forMs: minute });
    await elsewhere();
    await start();
    expect(await pauses()).toMatchObject([
      {
        by: 'jidoka',
        why: expect.stringContaining('ada had paused everything until'),
        untilMs: null,
      },
    ]);
  });

  test('is paused before it gets its id, so that an engine that dies in between leaves no gap', async () => {
    await elsewhere();
    const dying = new Error('it died');
    const { ledger, clock } = bench;
    const watch = createRestoreWatch({
      ...{ ledger, clock, log: createLogger('silent'), channel: () => undefined },
      restoreMarker: createRestoreMarker({ dir, cell: bench.cell }),
      wake: () => Promise.reject(dying),
    });
    await expect(watch.look()).rejects.toBe(dying);
    expect(await bench.redis.get(ledger.keys.ledgerId)).toBeNull();
    expect(await pauses()).toHaveLength(1);
  });
});

describe('a ledger that has just begun', () => {
  const slow = (startsAtMs: number) => [
    { labels: { alertname: 'Slow', service: 'web' }, startsAtMs },
  ];

  /** An engine that starts on an empty ledger, and does the work from now on. */
  async function begin() {
    const { beganMs } = await start(nowhere);
    bench.use(bench.another({ ledgerBeganMs: beganMs }));
    return beganMs() ?? 0;
  }

  test('has a person asked about an alert that began before it, and says why; nothing is paused', async () => {
    const beganMs = await begin();
    bench.clock.advance(minute);
    await bench.take(slow(beganMs - 1));
    expect(bench.targets.effects).toEqual([]);
    expect(await pauses()).toEqual([]);
    const [asked] = await bench.escalations();
    expect(asked?.value).toMatchObject({ kind: 'approval', reason: 'before_ledger' });
    expect(asked?.value.detail).toContain('the alert started before the ledger');
    await bench.answer(asked?.value.id ?? '', 'approve');
    await bench.settle();
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
  });

  test('acts on an alert that began after it', async () => {
    const beganMs = await begin();
    bench.clock.advance(minute);
    await bench.take(slow(beganMs + 1));
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
  });

  test('asks for 30 minutes, and acts on everything after that', async () => {
    const beganMs = await begin();
    bench.clock.advance(30 * minute);
    await bench.take(slow(beganMs - 10 * minute));
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
  });

  test('acts at once where the policy says so', async () => {
    await bench.reload({ playbooks: [scaleUp], policy: 'restore: { observe: 0 }' });
    const beganMs = await begin();
    await bench.take(slow(beganMs - minute));
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
  });

  test('is one of the same age for an engine that starts later, and is young again when it was emptied', async () => {
    const beganMs = await begin();
    bench.clock.advance(10 * minute);
    const watch = await start(nowhere);
    expect(watch.beganMs()).toBe(beganMs);
    await bench.redis.del(...(await bench.redis.keys(`{${bench.cell}}:*`)));
    bench.clock.advance(minute);
    await watch.look();
    expect(watch.beganMs()).toBe(beganMs + 11 * minute);
  });

  test('is none that an earlier version began, which does not say when', async () => {
    await bench.redis.set(bench.ledger.keys.ledgerId, 'earlier');
    expect((await start(nowhere)).beganMs()).toBeNull();
  });
});

test('the marks of engines that are gone are forgotten in time, save the latest', async () => {
  const { redis, ledger, clock } = bench;
  for (let engine = 0; engine < 150; engine += 1) {
    await redis.hset(ledger.keys.marks, `engine-${engine}`, clock.now() - engine);
  }
  bench.clock.advance(8 * 24 * 60 * minute);
  await start();
  const left = await redis.hkeys(ledger.keys.marks);
  expect(left).toHaveLength(101);
  expect(left).toContain('engine-99');
  expect(left).not.toContain('engine-100');
});

test('an operator says that it was restored, and the engines that start say it no second time', async () => {
  await (await start()).look();
  const restore = await backup();
  bench.clock.advance(2 * minute);
  await start();
  await restore();
  const told = { title: 'The ledger was restored from a backup', advice: '', channel: undefined };
  const said = { ...told, why: 'The operator said so.', by: 'ada' };
  const lostUntilMs = Number.POSITIVE_INFINITY;
  await recordRestored({ ledger: bench.ledger, clock: bench.clock }, { ...said, lostUntilMs });
  await start();
  expect(await reports()).toHaveLength(1);
  expect(await pauses()).toMatchObject([{ of: 'everything', why: 'The operator said so.' }]);
});
