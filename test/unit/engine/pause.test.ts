import { describe, expect, test } from 'vitest';
import type { PauseScope } from '../../../src/guard/pause.js';
import type { Choice } from '../../../src/ledger/escalation.js';
import type { AnyLedger } from '../../../src/ledger/ledger.js';
import { type Bench, scaleUp, startBench } from '../../support/memory-engine.js';

let bench: Bench;

const minute = 60_000;
const slow = { alertname: 'Slow', service: 'web' };
const idle = { alertname: 'Idle', service: 'api' };
const release = { by: 'ada', why: 'release', forMs: null };
const scaleDown = scaleUp
  .replace('name: scale-up', 'name: scale-down')
  .replace('"Slow"', '"Idle"')
  .replace('by: 1, max: 8', 'by: -1, min: 1');

async function start(playbooks = [scaleUp, scaleDown]): Promise<Bench> {
  bench = startBench({ playbooks });
  for (const name of ['web', 'api']) bench.targets.add(name, 2);
  return bench;
}

describe('a pause', () => {
  test.each<[PauseScope, string[]]>([
    [{ of: 'everything' }, []],
    [{ of: 'playbook', name: 'scale-up' }, ['api: 2 → 1']],
    [{ of: 'target', name: 'web' }, ['api: 2 → 1']],
    [{ of: 'target', name: 'test.service/api' }, ['web: 2 → 3']],
    [{ of: 'direction', name: 'down' }, ['web: 2 → 3']],
    [{ of: 'target', name: 'we' }, ['web: 2 → 3', 'api: 2 → 1']],
  ])('of %j halts that and nothing else, until it is lifted', async (scope, effects) => {
    await start();
    await bench.pauses.set(scope, release);
    await bench.take([{ labels: slow }, { labels: idle }]);
    await bench.pass(5 * minute);
    expect([...bench.targets.effects].sort()).toEqual([...effects].sort());
    expect(await bench.pauses.lift(scope, { by: 'bob' })).toMatchObject({ by: 'ada' });
    await bench.pass(minute);
    expect([...bench.targets.effects].sort()).toEqual(['api: 2 → 1', 'web: 2 → 3']);
  });

  test('says who paused and why, and is told once when it takes long', async () => {
    await start();
    await bench.pauses.set({ of: 'everything' }, release);
    await bench.take([{ labels: slow }]);
    const detail = 'everything is paused by ada until it is lifted: release';
    expect((await bench.episode(slow)).verdicts).toMatchObject([
      { fate: 'held', reason: 'paused', detail },
    ]);
    await bench.pass(60 * minute);
    expect(await bench.escalations()).toMatchObject([
      { value: { reason: 'held_too_long', detail: expect.stringContaining(detail) } },
    ]);
    const held = (await bench.audited('episode')).filter(({ event }) => event === 'held');
    expect(held).toMatchObject([{ reason: 'paused', detail }]);
  });

  test('lifts by itself at its time', async () => {
    await start();
    await bench.pauses.set({ of: 'everything' }, { ...release, forMs: 5 * minute });
    await bench.take([{ labels: slow }]);
    await bench.pass(5 * minute - 1_000);
    expect(bench.targets.effects).toEqual([]);
    await bench.pass(5_000);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect(await bench.pauses.list()).toEqual([]);
    expect(await bench.pauses.lift({ of: 'everything' }, { by: 'bob' })).toBeNull();
  });

  test('is recorded with who set it, who lifted it and why', async () => {
    await start();
    await bench.pauses.set({ of: 'playbook', name: 'scale-up' }, { ...release, forMs: minute });
    await bench.pauses.lift({ of: 'playbook', name: 'scale-up' }, { by: 'bob' });
    expect(await bench.audited('guard')).toMatchObject([
      { id: 'pause:playbook:scale-up', event: 'paused', by: 'ada', detail: expect.any(String) },
      { id: 'pause:playbook:scale-up', event: 'lifted', by: 'bob' },
    ]);
    expect((await bench.audited('guard'))[0]?.detail).toBe(
      'release (until 2026-01-01T00:01:00.000Z)',
    );
  });

  test('that is set anew takes the place of the one before', async () => {
    await start();
    await bench.pauses.set({ of: 'everything' }, { ...release, forMs: minute });
    await bench.pauses.set({ of: 'everything' }, { by: 'bob', why: 'still', forMs: null });
    expect(await bench.pauses.list()).toMatchObject([{ by: 'bob', untilMs: null }]);
  });
});

describe('a run that has begun', () => {
  test('waits right before its change when it was paused after its admission', async () => {
    await start();
    let paused = false;
    const ledger: AnyLedger = {
      ...bench.ledger,
      async run(id) {
        const stored = await bench.ledger.run(id);
        if (stored?.value.state === 'planning' && !paused) {
          paused = true;
          await bench.pauses.set({ of: 'direction', name: 'up' }, release);
        }
        return stored;
      },
    };
    bench.use(bench.another({ ledger }));
    await bench.take([{ labels: slow }]);
    expect(await bench.runs()).toMatchObject([
      { state: 'planning', attempts: [], waiting: { reason: 'paused' } },
    ]);
    await bench.pass(10 * minute);
    expect(bench.targets.calls.apply).toBe(0);
    await bench.pauses.lift({ of: 'direction', name: 'up' }, { by: 'bob' });
    await bench.pass(minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
  });

  test('waits between its steps, and a person is told when that takes long', async () => {
    await start([scaleUp.replace('settle: 2m', 'settle: 2m\n    repeat: 2')]);
    await bench.take([{ labels: slow }]);
    await bench.pauses.set({ of: 'everything' }, release);
    await bench.pass(60 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect(await bench.escalations()).toMatchObject([
      { value: { reason: 'held_too_long', detail: expect.stringContaining('paused by ada') } },
    ]);
    const held = (await bench.audited('run')).filter(({ event }) => event === 'held');
    expect(held).toHaveLength(1);
    await bench.pauses.lift({ of: 'everything' }, { by: 'ada' });
    await bench.pass(minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4']);
  });

  test('puts nothing back during a pause of that direction', async () => {
    await start([scaleUp.replace('settle: 2m', 'settle: 2m\n    undo: true')]);
    await bench.take([{ labels: slow }]);
    await bench.pauses.set({ of: 'direction', name: 'down' }, release);
    await bench.pass(10 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    await bench.pauses.lift({ of: 'direction', name: 'down' }, { by: 'ada' });
    await bench.pass(minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 2']);
  });

  test('that waits ends when its alerts resolve', async () => {
    await start([scaleUp.replace('settle: 2m', 'settle: 2m\n    repeat: 2')]);
    await bench.take([{ labels: slow }]);
    await bench.pauses.set({ of: 'everything' }, release);
    await bench.pass(5 * minute);
    await bench.take([{ labels: slow, resolved: true }]);
    expect(await bench.runs()).toMatchObject([{ outcome: { kind: 'done', reason: 'resolved' } }]);
  });
});

test("a person's click waits too, and the person sees who paused and why", async () => {
  await start();
  const broken = { alertname: 'Broken', service: 'web' };
  await bench.take([{ labels: broken }]);
  const [stored] = await bench.escalations();
  if (stored === undefined) throw new Error('nobody was asked');
  const choice: Choice = {
    id: 'up',
    label: 'One more',
    style: 'primary',
    does: {
      kind: 'act',
      action: 'test.scale',
      params: { service: 'web', by: 1, max: 8 },
      target: { id: 'test.service/web', name: 'web' },
    },
  };
  const { writes } = bench.ledger.saveEscalation(
    stored,
    { ...stored.value, choices: [choice] },
    null,
  );
  await bench.ledger.commit({ checks: [], writes, nowMs: bench.clock.now() });
  await bench.pauses.set({ of: 'everything' }, release);
  expect(await bench.answer(stored.value.id, 'up')).toMatchObject({ kind: 'accepted' });
  await bench.pass(5 * minute);
  expect(bench.targets.effects).toEqual([]);
  expect(await bench.runs()).toMatchObject([
    {
      state: 'admitting',
      waiting: {
        reason: 'paused',
        detail: 'everything is paused by ada until it is lifted: release',
      },
    },
  ]);
  await bench.pauses.lift({ of: 'everything' }, { by: 'ada' });
  await bench.pass(minute);
  expect(bench.targets.effects).toEqual(['web: 2 → 3']);
});
