import { expect, test } from 'vitest';
import { takePeriodicLease } from '../../../src/ledger/periodic-lease.js';
import { type Bench, scaleUp, startBench } from '../../support/memory-engine.js';

let bench: Bench;

const minute = 60_000;
const hour = 60 * minute;
const slow = { alertname: 'Slow', service: 'web' };

/** A run that has made its first of three attempts and waits whether it helps. */
async function start(): Promise<Bench> {
  bench = startBench({
    playbooks: [scaleUp.replace('settle: 2m', 'settle: 2m\n    repeat: 3')],
  });
  bench.targets.add('web', 2);
  await bench.take([{ labels: slow }]);
  await bench.pass(minute);
  expect(bench.targets.effects).toEqual(['web: 2 → 3']);
  return bench;
}

const outcomes = async () => (await bench.runs()).map(({ outcome }) => outcome?.reason);

test('a clock that jumps an hour ahead takes no more steps than there are', async () => {
  const { clock, targets } = await start();
  clock.advance(hour);
  await bench.pass(0);
  expect(targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4']);
  clock.advance(24 * hour);
  await bench.pass(10 * minute);
  expect(targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4', 'web: 4 → 5']);
  expect(await outcomes()).toEqual(['exhausted']);
});

test('a clock that jumps an hour back repeats nothing, and the run goes on when it has caught up', async () => {
  const { clock, targets } = await start();
  clock.advance(-hour);
  await bench.take([{ labels: slow }]);
  await bench.pass(hour - minute);
  expect(targets.effects).toEqual(['web: 2 → 3']);
  await bench.pass(10 * minute);
  expect(targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4', 'web: 4 → 5']);
  expect(await outcomes()).toEqual(['exhausted']);
});

test('an alert that resolves after the clock jumped back ends its run all the same', async () => {
  const { clock, targets } = await start();
  clock.advance(-hour);
  await bench.take([{ labels: slow, resolved: true, endsAtMs: clock.now() + hour }]);
  expect(targets.effects).toEqual(['web: 2 → 3']);
  expect(await outcomes()).toEqual(['resolved']);
});

test('a clock that jumps ahead while a change is under way has it looked for before anything is sent', async () => {
  bench = startBench({ playbooks: [scaleUp] });
  const { clock, targets } = bench;
  targets.add('web', 2);
  targets.failNext('apply', 'unknown', true);
  await bench.take([{ labels: slow }]);
  clock.advance(hour);
  await bench.pass(minute);
  expect(targets.calls.apply).toBe(1);
  expect(targets.effects).toEqual(['web: 2 → 3']);
});

test('a clock that was days ahead and is right again holds up nothing that is done once in a while', async () => {
  bench = startBench({ playbooks: [scaleUp] });
  const { ledger, clock } = bench;
  const take = () => takePeriodicLease(ledger, 'reconcile', minute, clock.now());
  clock.advance(8 * 24 * hour);
  expect(await take()).toBe(true);
  clock.advance(-8 * 24 * hour);
  expect([await take(), await take()]).toEqual([true, false]);
  clock.advance(minute);
  expect(await take()).toBe(true);
});
