import { describe, expect, test } from 'vitest';
import type { TargetErrorKind } from '../../../src/integrations/contract/target-error.js';
import { type Bench, scaleUp, startBench } from '../../support/memory-engine.js';

let bench: Bench;

const minute = 60_000;
const slow = { alertname: 'Slow', service: 'web' };

async function start(): Promise<Bench> {
  const patient = scaleUp.replace('settle: 2m', 'settle: 1h');
  bench = startBench({ playbooks: [patient] });
  bench.targets.add('web', 2);
  return bench;
}

async function only() {
  const [run, ...others] = await bench.runs();
  expect(others).toEqual([]);
  return run;
}

/** Reasons of what a person was told. */
const told = async () => (await bench.escalations()).map(({ value }) => value.reason);

describe('a change whose outcome was not seen', () => {
  const unseen: [string, TargetErrorKind | Error][] = [
    ['because the answer never came', 'unknown'],
    ['because of a fault that nobody foresaw', new Error('socket hang up')],
  ];

  test.each(unseen)('%s, and which happened, is not sent again', async (_, fault) => {
    const { targets } = await start();
    targets.failNext('apply', fault, true);
    await bench.take([{ labels: slow }]);
    expect(await only()).toMatchObject({ state: 'applying' });
    await bench.pass(10 * minute);
    expect(targets.calls.apply).toBe(1);
    expect(targets.effects).toEqual(['web: 2 → 3']);
    expect(await only()).toMatchObject({
      state: 'settling',
      attempts: [{ convergedAtMs: expect.any(Number) }],
    });
  });

  test.each(unseen)('%s, is looked at before anything else is done', async (_, fault) => {
    const { targets } = await start();
    targets.failNext('apply', fault, false);
    await bench.take([{ labels: slow }]);
    await bench.pass(40_000);
    expect(targets.calls).toMatchObject({ apply: 1, verify: 0 });
    await bench.pass(minute);
    expect(targets.calls.apply).toBe(2);
    expect(targets.effects).toEqual(['web: 2 → 3']);
  });

  test('and never can be is not sent again: it ends as unknown, and a person is told', async () => {
    const { targets } = await start();
    targets.failNext('apply', 'unknown', true);
    for (let count = 0; count < 100; count += 1) targets.failNext('verify', 'unavailable');
    await bench.take([{ labels: slow }]);
    await bench.pass(20 * minute);
    expect(targets.calls.apply).toBe(1);
    expect(await only()).toMatchObject({
      state: 'ended',
      outcome: { kind: 'unknown', reason: 'unknown_outcome' },
    });
    expect(await told()).toEqual(['unknown_outcome']);
  });

  test('on a target that has changed to something else since is left alone, and a person is told', async () => {
    const { targets } = await start();
    targets.failNext('apply', 'unknown', false);
    await bench.take([{ labels: slow }]);
    targets.setSize('web', 7);
    await bench.pass(10 * minute);
    expect(targets.calls.apply).toBe(1);
    expect(await only()).toMatchObject({ outcome: { kind: 'failed', reason: 'target_changed' } });
    expect(await told()).toEqual(['target_changed']);
  });

  test('keeps its run to itself while it may be under way', async () => {
    const { targets } = await start();
    targets.duringApply(async () => {
      const run = await only();
      await Promise.all([1, 2, 3].map(() => bench.another().look(`run:${run?.id}`)));
      expect(targets.calls).toMatchObject({ apply: 1, verify: 0 });
    });
    await bench.take([{ labels: slow }]);
    await bench.pass(minute);
    expect(targets.effects).toEqual(['web: 2 → 3']);
  });

  test('is not begun by a sender that slept through its lease', async () => {
    const { targets, ledger, clock } = await start();
    const sleepy = bench.another({
      ledger: {
        ...ledger,
        async commit(transaction) {
          const result = await ledger.commit(transaction);
          if (JSON.stringify(transaction.writes).includes('"event":"applying"')) {
            clock.advance(20_000);
          }
          return result;
        },
      },
    });
    await sleepy.take(bench.notification([{ labels: slow }]));
    await sleepy.look(`run:${(await only())?.id}`);
    expect(targets.calls.apply).toBe(0);
    await bench.pass(2 * minute);
    expect(targets.effects).toEqual(['web: 2 → 3']);
    expect(targets.calls.apply).toBe(1);
  });
});

describe('a change that the target did not take', () => {
  test.each(['stale', 'busy', 'unavailable'] as const)(
    'for now (%s), is planned anew',
    async (kind) => {
      const { targets } = await start();
      targets.failNext('apply', kind);
      targets.failNext('apply', kind);
      await bench.take([{ labels: slow }]);
      targets.setSize('web', 4);
      await bench.pass(minute);
      expect(targets.effects).toEqual(['web: 4 → 5']);
      expect(targets.calls.apply).toBe(3);
      expect(await only()).toMatchObject({ state: 'settling', taken: 1, retries: 0 });
    },
  );

  test('for now, again and again, is given up, and a person is told', async () => {
    const { targets } = await start();
    for (let count = 0; count < 50; count += 1) targets.failNext('apply', 'busy');
    await bench.take([{ labels: slow }]);
    await bench.pass(30 * minute);
    expect(targets.calls.apply).toBe(11);
    expect(await only()).toMatchObject({
      outcome: { kind: 'failed', reason: 'target_unavailable' },
    });
    expect(await told()).toEqual(['target_unavailable']);
    const [report] = await bench.escalations();
    expect(report?.value.detail).toContain('rejected (scripted: busy in apply)');
  });

  test.each([
    ['not_found', 'target_not_found'],
    ['invalid', 'rejected'],
    ['forbidden', 'rejected'],
  ] as const)('for good (%s), is told to a person', async (kind, reason) => {
    const { targets } = await start();
    targets.failNext('apply', kind);
    await bench.take([{ labels: slow }]);
    await bench.pass(minute);
    expect(targets.calls.apply).toBe(1);
    expect(await only()).toMatchObject({ outcome: { kind: 'failed', reason } });
    expect(await told()).toEqual([reason]);
  });
});

describe('a target that cannot be read', () => {
  test('by the run for now is read again later', async () => {
    const { targets } = await start();
    await bench.engine.take(bench.notification([{ labels: slow }]));
    for (let count = 0; count < 5; count += 1) targets.failNext('observe', 'unavailable');
    await bench.pass(2 * minute);
    expect(targets.effects).toEqual(['web: 2 → 3']);
  });

  test('by the run for half an hour is told to a person, and nothing is done', async () => {
    const { targets } = await start();
    await bench.engine.take(bench.notification([{ labels: slow }]));
    for (let count = 0; count < 500; count += 1) targets.failNext('observe', 'unavailable');
    await bench.pass(29 * minute);
    expect(await only()).toMatchObject({ state: 'planning' });
    await bench.pass(2 * minute);
    expect(await only()).toMatchObject({
      outcome: { kind: 'failed', reason: 'target_unavailable' },
    });
    expect(await told()).toEqual(['target_unavailable']);
    expect(targets.calls.apply).toBe(0);
  });

  test('while its change takes effect is looked at again, until the time for that is over', async () => {
    const { targets } = await start();
    for (let count = 0; count < 3; count += 1) targets.failNext('verify', 'unavailable');
    await bench.take([{ labels: slow }]);
    await bench.pass(minute);
    expect(await only()).toMatchObject({ state: 'settling' });
  });
});

test('a run that the engine itself fails over ends, releases its target, and a person is told', async () => {
  const { targets } = await start();
  await bench.engine.take(bench.notification([{ labels: slow }]));
  const item = `run:${(await only())?.id}`;
  targets.failNext('observe', new Error('a fault of the engine'));
  await expect(bench.engine.look(item)).rejects.toThrow('a fault of the engine');
  await bench.engine.lookFailed(item, new Error('a fault of the engine'));
  expect(await only()).toMatchObject({ outcome: { kind: 'failed', reason: 'internal_error' } });
  expect(await told()).toEqual(['internal_error']);
  expect(await bench.ledger.redis.get(bench.ledger.keys.lock('test.service/web'))).toBeNull();
});
