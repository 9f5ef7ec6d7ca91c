import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import type { Change } from '../../src/integrations/contract/change.js';
import type { Run } from '../../src/ledger/run.js';
import { type Bench, scaleUp, startBench } from '../support/engine.js';

const benches: Bench[] = [];
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.stop();
});

const minute = 60_000;
const floor = 1;
const ceiling = 6;
const steps = (by: number) => `steps:
  - test.scale: { service: web, by: ${by}, min: ${floor}, max: ${ceiling} }
    settle: 1m
    repeat: 2
    undo: true
  - test.scale: { service: api, by: ${by}, min: ${floor}, max: ${ceiling} }
    settle: 1m
guards`;
const playbooks = [
  scaleUp.replace(/steps:[\s\S]*guards/, steps(1)),
  scaleUp
    .replace(/steps:[\s\S]*guards/, steps(-1))
    .replace('scale-up', 'down')
    .replace('Slow', 'Idle'),
];
const maxAttempts = 3;
const alerts = [
  { alertname: 'Slow', instance: 'a' },
  { alertname: 'Slow', instance: 'b' },
  { alertname: 'Idle', instance: 'a' },
];

/** Something that happens in the world. */
type Event =
  | { readonly do: 'fire' | 'refire' | 'resolve'; readonly alert: number }
  | { readonly do: 'pass'; readonly ms: number }
  | {
      readonly do: 'fail';
      readonly method: 'observe' | 'apply' | 'verify';
      readonly kind: 'stale' | 'busy' | 'unavailable' | 'unknown' | 'invalid';
      readonly effect: boolean;
    }
  | { readonly do: 'resize'; readonly size: number }
  | { readonly do: 'converge'; readonly how: 'at_once' | 'never' | { readonly afterMs: number } };

const alert = fc.nat(alerts.length - 1);
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('fire', 'refire', 'resolve'), alert }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('pass'),
      ms: fc.constantFrom(1_000, 20_000, 50_000, 130_000),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('fail'),
      method: fc.constantFrom('observe', 'apply', 'verify'),
      kind: fc.constantFrom('stale', 'busy', 'unavailable', 'unknown', 'invalid'),
      effect: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('resize'), size: fc.integer({ min: 0, max: 8 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('converge'),
      how: fc.constantFrom('at_once', 'never', { afterMs: 5_000 }),
    }),
  },
) as fc.Arbitrary<Event>;

async function happen(bench: Bench, now: Event): Promise<void> {
  const { targets, clock } = bench;
  switch (now.do) {
    case 'fire':
    case 'refire':
    case 'resolve': {
      const labels = alerts[now.alert] ?? {};
      const startsAtMs = now.do === 'refire' ? { startsAtMs: clock.now() } : {};
      return bench.take([{ labels, resolved: now.do === 'resolve', ...startsAtMs }]);
    }
    case 'pass':
      return bench.pass(now.ms);
    case 'fail':
      // what a target says it did not take, it did not take
      return targets.failNext(now.method, now.kind, now.kind === 'unknown' && now.effect);
    case 'resize':
      return targets.setSize('web', now.size);
    case 'converge':
      for (const name of ['web', 'api']) targets.setConvergence(name, now.how);
  }
}

const isAtWork = ({ state }: Run) => !['awaiting_approval', 'admitting', 'ended'].includes(state);

/** What must hold at the very moment of any change; the faults that were found are gathered. */
function guardEveryChange(bench: Bench): readonly unknown[] {
  const faults: unknown[] = [];
  // thrown into the engine a fault would be one of the target's
  bench.targets.duringApply((change) =>
    expectRightful(bench, change).catch((fault) => void faults.push(fault)),
  );
  return faults;
}

async function expectRightful(bench: Bench, change: Change): Promise<void> {
  const working = (await bench.runs()).filter(isAtWork);
  expect(working).toHaveLength(1);
  const [run] = working;
  const attempt = run?.attempts.at(-1);
  expect(attempt).toMatchObject({ change, appliedAtMs: null });
  expect((await bench.ledger.run(run?.id ?? ''))?.openEpisodes).toBeGreaterThan(0);
  const up = run?.origin.kind === 'playbook' && run.origin.playbook === 'scale-up';
  const grows = Number(change.op.to) > Number(change.op.from);
  expect(grows).toBe(attempt?.undo ? !up : up);
  if (!attempt?.undo) {
    expect(change.op.to).toBeGreaterThanOrEqual(floor);
    // a step down from above the maximum takes one away, and no more
    expect(change.op.to).toBeLessThanOrEqual(Math.max(ceiling, Number(change.op.from) - 1));
    if (!grows) expect(change.op.to).toBe(Number(change.op.from) - 1);
  }
}

/** What must hold when the world has come to rest. */
async function expectRest(bench: Bench): Promise<void> {
  const runs = await bench.runs();
  const escalations = (await bench.escalations()).map(({ value }) => value);
  for (const run of runs) {
    expect(run.state).toBe('ended');
    expect(run.attempts.filter(({ undo }) => !undo).length).toBeLessThanOrEqual(maxAttempts);
    const reports = escalations.filter(({ runId }) => runId === run.id);
    expect(reports).toHaveLength(run.outcome?.kind === 'done' ? 0 : 1);
  }
  const audited = await bench.audited('run');
  for (const { id } of runs) {
    const events = audited.filter((record) => record.id === id).map(({ event }) => event);
    // it ends once, and nothing comes after that
    expect(events.indexOf('ended')).toBe(events.length - 1);
  }
  const sent = audited.filter(({ event }) => event === 'applying').length;
  expect(bench.targets.calls.apply).toBe(sent);
  const left = (await bench.ledger.due(Number.MAX_SAFE_INTEGER, 100)).map(({ item }) => item);
  expect(left.filter((item) => !item.startsWith('message:'))).toEqual([]);
  const { keys } = bench.ledger;
  expect(await bench.redis.zcard(keys.openEpisodes)).toBe(0);
  expect(await bench.redis.zcard(keys.activeRuns)).toBe(0);
  const locks = await bench.redis.keys(`{${bench.cell}}:ledger:*`);
  expect(locks.filter((key) => /:(lock|join|case-open):/.test(key))).toEqual([]);
}

test('whatever happens, in whatever order, every promise is kept and everything comes to rest', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 3, maxLength: 25 }), async (events) => {
      const bench = await startBench({ playbooks });
      benches.push(bench);
      bench.targets.add('web', 3);
      bench.targets.add('api', 3);
      const faults = guardEveryChange(bench);
      for (const each of events) await happen(bench, each);
      for (const labels of alerts) await bench.take([{ labels, resolved: true }]);
      await bench.pass(60 * minute);
      expect(faults).toEqual([]);
      await expectRest(bench);
      await bench.stop();
      benches.pop();
    }),
    { numRuns: 60, endOnFailure: false },
  );
});
