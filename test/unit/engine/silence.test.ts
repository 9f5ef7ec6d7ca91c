import { describe, expect, test } from 'vitest';
import { closeStale } from '../../../src/engine/episode/stale.js';
import { type Bench, scaleUp, startBench } from '../../support/memory-engine.js';

let bench: Bench;

const minute = 60_000;
const slow = { alertname: 'Slow', service: 'web' };
const mute = 'alertmanager: { send_resolved: false, close_after: 30m }';

async function start(playbook = scaleUp, policy = mute): Promise<Bench> {
  bench = startBench({ playbooks: [playbook], policy });
  bench.targets.add('web', 2, { afterMs: 3_000 });
  return bench;
}

describe('a source that does not say when an alert has resolved', () => {
  test('gets one step, however many there are, and the run ends unverified', async () => {
    await start(scaleUp.replace('settle: 2m', 'settle: 2m\n    repeat: 5\n    undo: true'));
    await bench.take([{ labels: slow }]);
    await bench.pass(20 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect(await bench.runs()).toMatchObject([
      { state: 'ended', outcome: { kind: 'done', reason: 'unverified' } },
    ]);
    expect(await bench.escalations()).toEqual([]);
  });

  test('has its episode closed after the silence that is set, and not before', async () => {
    await start();
    await bench.take([{ labels: slow }]);
    await bench.pass(29 * minute);
    await bench.take([{ labels: slow }]);
    await bench.pass(29 * minute);
    expect(await bench.episode(slow)).toMatchObject({ state: 'open' });
    await bench.pass(2 * minute);
    expect(await bench.episode(slow)).toMatchObject({ state: 'closed' });
    expect(await bench.audited('episode')).toMatchObject([
      { event: 'opened' },
      { event: 'closed', reason: 'unverified' },
    ]);
    expect(bench.targets.effects).toHaveLength(1);
  });

  test('has episodes closed after that silence that were decided when the policy said otherwise', async () => {
    await start(scaleUp, '{}');
    await bench.take([{ labels: slow, startsAtMs: bench.clock.now() }]);
    await bench.pass(minute);
    await bench.reload({ playbooks: [scaleUp], policy: mute });
    await bench.pass(31 * minute);
    await closeStale(bench.context(), 'all');
    expect(await bench.episode(slow)).toMatchObject({ state: 'closed' });
  });

  test('is not looked at again and again while it is held, and was delivered anew meanwhile', async () => {
    await start(scaleUp.replace('cooldown: 0', 'cooldown: 5h'), mute);
    await bench.take([{ labels: slow }]);
    await bench.pass(31 * minute);
    for (let count = 0; count < 3; count += 1) {
      await bench.take([{ labels: slow, startsAtMs: bench.clock.now() }]);
      await bench.pass(20 * minute);
    }
    const overdue = await bench.ledger.due(bench.clock.now() - 5_000, 10);
    expect(overdue.filter(({ item }) => item.startsWith('episode:'))).toEqual([]);
  });

  test('gets another step for an alert that starts anew after that', async () => {
    await start();
    await bench.take([{ labels: slow }]);
    await bench.pass(31 * minute);
    await bench.take([{ labels: slow, startsAtMs: bench.clock.now() }]);
    await bench.pass(minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4']);
  });

  test('gets another step where it still fires after that, though it says when it first began', async () => {
    await start();
    await bench.take([{ labels: slow }]);
    await bench.pass(31 * minute);
    const { id } = await bench.episode(slow);
    await bench.take([{ labels: slow }]);
    await bench.pass(minute);
    expect((await bench.episode(slow)).id).not.toBe(id);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4']);
  });

  test('gets none for a delivery from before that, which comes late', async () => {
    await start();
    const late = bench.notification([{ labels: slow }]);
    await bench.take([{ labels: slow }]);
    await bench.pass(31 * minute);
    await bench.engine.take(late);
    await bench.pass(minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
  });

  test('is told to a person, once, where it goes on firing after its step', async () => {
    await start();
    for (let count = 0; count < 12; count += 1) {
      await bench.take([{ labels: slow }]);
      await bench.pass(10 * minute);
    }
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect(await bench.escalations()).toMatchObject([
      { value: { kind: 'report', reason: 'exhausted', state: 'open' } },
    ]);
    expect((await bench.escalations())[0]?.value.detail).toContain('the alert still fires');
    await bench.pass(31 * minute);
    expect(await bench.escalations()).toMatchObject([{ value: { state: 'withdrawn' } }]);
  });

  test('has a question to a person withdrawn when its alert has been silent', async () => {
    await start(scaleUp.replace('"Slow"', '"Other"'));
    await bench.take([{ labels: slow }]);
    await bench.pass(31 * minute);
    expect(await bench.escalations()).toMatchObject([{ value: { state: 'withdrawn' } }]);
  });
});

test('a source that does say so is never closed for its silence', async () => {
  await start(scaleUp, 'alertmanager: { close_after: 30m }');
  await bench.take([{ labels: slow }]);
  await bench.pass(5 * 60 * minute);
  expect(await bench.episode(slow)).toMatchObject({ state: 'open' });
});
