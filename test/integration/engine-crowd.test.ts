import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import type { Ledger } from '../../src/ledger/ledger.js';
import { type Bench, scaleUp, startBench } from '../support/engine.js';

let bench: Bench;
afterEach(() => bench.stop());

const minute = 60_000;
const slow = { alertname: 'Slow', service: 'web' };
const undone = scaleUp.replace('settle: 2m', 'settle: 1m\n    repeat: 2\n    undo: true');

/** Four engines that all do the same work at the same time, now the one faster, now the other. */
async function startCrowd(playbooks: string[], policy?: string): Promise<Bench> {
  bench = await startBench({ playbooks, ...(policy === undefined ? {} : { policy }) });
  const present = bench;
  const engines = Array.from({ length: 4 }, () => {
    const ledger: Ledger = {
      ...present.ledger,
      async run(id) {
        await sleep(Math.random() * 2);
        return present.ledger.run(id);
      },
      async commit(transaction) {
        await sleep(Math.random() * 3);
        return present.ledger.commit(transaction);
      },
    };
    return present.another({ ledger });
  });
  present.use(...engines);
  return present;
}

test('many engines on one run never change its target twice', async () => {
  const { targets } = await startCrowd([undone]);
  targets.add('web', 2, { afterMs: 3_000 });
  await bench.take([{ labels: slow }]);
  await bench.pass(5 * minute);
  expect(targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4', 'web: 4 → 2']);
  expect(targets.calls.apply).toBe(3);
  expect(await bench.runs()).toMatchObject([{ outcome: { kind: 'failed', reason: 'exhausted' } }]);
  expect(await bench.escalations()).toHaveLength(1);
});

test('many engines that see an outcome get lost look for it together, and none sends it again', async () => {
  const { targets } = await startCrowd([scaleUp]);
  targets.add('web', 2);
  targets.failNext('apply', 'unknown', true);
  await bench.take([{ labels: slow }]);
  await bench.pass(90_000);
  expect(targets.calls.apply).toBe(1);
  expect(await bench.runs()).toMatchObject([{ state: 'settling' }]);
});

test('many engines that report the same fault of a run tell one person once', async () => {
  const { targets } = await startCrowd([scaleUp]);
  targets.add('web', 2);
  targets.failNext('apply', 'forbidden');
  await bench.take([{ labels: slow }]);
  expect(await bench.escalations()).toMatchObject([{ value: { reason: 'rejected' } }]);
});

test('a storm on many targets at once passes no limit of the fleet and no target twice', async () => {
  const { targets } = await startCrowd(
    [scaleUp],
    'limits: { fleet: [5 per 1h] }\nblast_radius: { targets: 100 per 1m }',
  );
  const alerts = Array.from({ length: 12 }, (_, index) => {
    targets.add(`s${index % 6}`, 1);
    return { labels: { ...slow, service: `s${index % 6}`, instance: `i${index}` } };
  });
  await bench.take(alerts);
  await bench.pass(minute);
  expect(targets.effects).toHaveLength(5);
  expect(new Set(targets.effects).size).toBe(5);
  expect(await bench.runs()).toHaveLength(5);
});

test('an alert that fires and resolves again and again while many work on it leaves nothing behind', async () => {
  const { targets, ledger } = await startCrowd([scaleUp.replace('max: 8', 'max: 100')]);
  targets.add('web', 1);
  for (let count = 0; count < 8; count += 1) {
    const startsAtMs = bench.clock.now();
    await Promise.all([
      bench.take([{ labels: slow, startsAtMs }]),
      bench.take([{ labels: slow, startsAtMs }]),
    ]);
    bench.clock.advance(5_000);
    await bench.take([{ labels: slow, resolved: true }]);
    await bench.pass(10_000);
  }
  expect(targets.effects).toHaveLength(8);
  expect(await bench.runs()).toHaveLength(8);
  for (const run of await bench.runs()) {
    expect(run.outcome).toMatchObject({ kind: 'done', reason: 'resolved' });
  }
  expect(await ledger.due(Number.MAX_SAFE_INTEGER, 100)).toEqual([]);
  expect(await bench.redis.keys(`{${bench.cell}}:ledger:{lock,join}:*`)).toEqual([]);
});

test('many engines at the last place of the blast radius take no more targets than it has, and one trips it', async () => {
  const names = ['web', 'api', 'db', 'mail', 'cart', 'auth'];
  const { targets } = await startCrowd([scaleUp], 'blast_radius: { targets: 2 per 1d }');
  for (const name of names) targets.add(name, 2);
  await bench.take(names.map((service) => ({ labels: { ...slow, service } })));
  await bench.pass(10 * minute);
  expect(await bench.runs()).toHaveLength(2);
  expect(targets.effects.length).toBeLessThanOrEqual(2);
  const tripped = (await bench.audited('guard')).filter(({ event }) => event === 'tripped');
  expect(tripped).toHaveLength(1);
  const told = (await bench.escalations()).filter(({ value }) => value.reason === 'blast_radius');
  expect(told).toHaveLength(1);
});

test('many engines at the last place of a limit of the playbook start no more runs than it lets', async () => {
  const { targets } = await startCrowd([scaleUp], 'limits: { playbook: [2 per 1d] }');
  const names = ['web', 'api', 'db', 'mail'];
  for (const name of names) targets.add(name, 2);
  await bench.take(names.map((service) => ({ labels: { ...slow, service } })));
  await bench.pass(10 * minute);
  expect(targets.effects).toHaveLength(2);
});
