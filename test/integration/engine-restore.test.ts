import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRestoreWatch } from '../../src/engine/restore-watch.js';
import { recordRestored } from '../../src/engine/restored.js';
import { createPauses } from '../../src/guard/pauses.js';
import { createWitness, type Witness } from '../../src/local/witness.js';
import { createLogger } from '../../src/logger.js';
import { type Bench, scaleUp, startBench } from '../support/engine.js';
import { makeDir } from '../support/parts/place.js';

let bench: Bench;
let dir: string;
beforeEach(async () => {
  bench = await startBench({ playbooks: [scaleUp] });
  bench.targets.add('web', 2);
  dir = await makeDir('witness');
});
afterEach(() => bench.stop());

const minute = 60_000;
const odd = { alertname: 'Odd' };
const nowhere: Witness = {
  read: async () => null,
  write: () => Promise.reject(new Error('there is no place to write to')),
};

/** An engine that starts, as far as it watches for restores. */
async function start(witness: Witness = createWitness({ dir, cell: bench.cell })) {
  const { ledger, clock, wake } = bench;
  const log = createLogger('silent');
  const watch = createRestoreWatch({
    ...{ ledger, clock, witness, wake, log },
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

  test('is seen by an engine that starts after it, from its witness', async () => {
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

  test('in another ledger, nor in a witness that cannot be read', async () => {
    await start();
    const [file = ''] = await readdir(dir);
    bench.clock.advance(10 * minute);
    const { cell } = bench;
    const witness = createWitness({ dir, cell });
    await witness.write({ ledgerId: 'another', markMs: bench.clock.now() });
    await start();
    expect(await pauses()).toEqual([]);
    await writeFile(join(dir, file), '{"torn');
    await start();
    expect(await pauses()).toEqual([]);
  });
});

test('the marks of engines that are gone are forgotten in time', async () => {
  await start();
  bench.clock.advance(8 * 24 * 60 * minute);
  await start();
  expect(await bench.redis.hlen(bench.ledger.keys.marks)).toBe(1);
});

test('an operator says that it was restored, and the engines that start say it no second time', async () => {
  await (await start()).look();
  const restore = await backup();
  bench.clock.advance(2 * minute);
  await start();
  await restore();
  const said = { why: 'The operator said so.', by: 'ada', channel: undefined };
  const lostUntilMs = Number.POSITIVE_INFINITY;
  await recordRestored({ ledger: bench.ledger, clock: bench.clock }, { ...said, lostUntilMs });
  await start();
  expect(await reports()).toHaveLength(1);
  expect(await pauses()).toMatchObject([{ of: 'everything', why: 'The operator said so.' }]);
});
