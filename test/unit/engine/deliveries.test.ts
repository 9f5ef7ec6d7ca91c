import { describe, expect, test } from 'vitest';
import { type Bench, scaleUp, startBench } from '../../support/memory-engine.js';

let bench: Bench;

const slow = { alertname: 'Slow', service: 'web' };
const minute = 60_000;

async function start(...playbooks: string[]): Promise<Bench> {
  bench = startBench({ playbooks: playbooks.length > 0 ? playbooks : [scaleUp] });
  bench.targets.add('web', 2);
  return bench;
}

describe('a notification', () => {
  test('that is delivered ten times at once makes one run and one effect', async () => {
    const { engine, targets } = await start();
    const received = bench.notification([{ labels: slow }]);
    const others = Array.from({ length: 9 }, () => bench.another());
    await Promise.all([engine, ...others].map((each) => each.take(received)));
    await bench.settle();
    await bench.pass(minute);
    expect(await bench.runs()).toHaveLength(1);
    expect(targets.effects).toEqual(['web: 2 → 3']);
    expect((await bench.episode(slow)).deliveries).toBe(10);
  });

  test('that is repeated while the run goes on changes nothing', async () => {
    const { targets } = await start();
    for (let count = 0; count < 10; count += 1) {
      await bench.take([{ labels: slow }]);
      await bench.pass(5_000);
    }
    expect(await bench.runs()).toHaveLength(1);
    expect(targets.effects).toEqual(['web: 2 → 3']);
  });

  test('of two replicas is one episode, which ends when both have resolved', async () => {
    await start();
    const [a, b] = ['a', 'b'].map((replica) => ({ ...slow, replica }));
    await bench.take([{ labels: a ?? {} }, { labels: b ?? {} }]);
    await bench.take([{ labels: a ?? {}, resolved: true }]);
    await bench.pass(minute);
    expect(await bench.runs()).toMatchObject([{ state: 'settling' }]);
    await bench.take([{ labels: b ?? {}, resolved: true }]);
    expect(await bench.runs()).toMatchObject([{ outcome: { reason: 'resolved' } }]);
    expect(bench.targets.effects).toHaveLength(1);
  });

  test('that only says resolved does nothing and tells nobody', async () => {
    const { targets } = await start();
    await bench.take([{ labels: slow, resolved: true }]);
    await bench.pass(minute);
    expect(targets.calls).toEqual({ observe: 0, apply: 0, verify: 0 });
    expect(await bench.runs()).toEqual([]);
    expect(await bench.escalations()).toEqual([]);
  });
});

describe('an alert that fires again', () => {
  test('with its old start has had its run: the playbook is not run twice, and a person is told', async () => {
    const { targets } = await start();
    await bench.take([{ labels: slow }]);
    await bench.pass(minute);
    await bench.take([{ labels: slow, resolved: true }]);
    await bench.take([{ labels: slow }]);
    await bench.pass(14 * minute);
    expect(await bench.episode(slow)).toMatchObject({
      state: 'open',
      verdicts: [{ fate: 'held', reason: 'already_run' }],
    });
    expect(await bench.escalations()).toEqual([]);
    await bench.pass(2 * minute);
    expect(await bench.escalations()).toMatchObject([{ value: { reason: 'held_too_long' } }]);
    expect(await bench.runs()).toHaveLength(1);
    expect(targets.effects).toEqual(['web: 2 → 3']);
  });

  test('with its old start goes on with a run that has not ended', async () => {
    await start(scaleUp.replace('settle: 2m', 'settle: 2m\n    repeat: 2'));
    bench.targets.setConvergence('web', { afterMs: 10_000 });
    await bench.take([{ labels: slow }]);
    await bench.take([{ labels: slow, resolved: true }]);
    await bench.take([{ labels: slow }]);
    await bench.pass(3 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4']);
    expect(await bench.runs()).toHaveLength(1);
  });

  test('with a later start is a new episode and gets a run of its own', async () => {
    const { targets, clock } = await start();
    await bench.take([{ labels: slow }]);
    await bench.pass(minute);
    await bench.take([{ labels: slow, resolved: true }]);
    await bench.pass(minute);
    await bench.take([{ labels: slow, startsAtMs: clock.now() }]);
    await bench.pass(minute);
    expect(await bench.episode(slow)).toMatchObject({ id: expect.stringMatching(/-2$/) });
    expect(targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4']);
  });

  test('as another replica, in the notification that says the first resolved, is told apart', async () => {
    const { targets, clock } = await start();
    const [a, b] = ['a', 'b'].map((replica) => ({ ...slow, replica }));
    await bench.take([{ labels: a ?? {} }]);
    await bench.pass(minute);
    const endsAtMs = clock.now() - 10_000;
    await bench.take([
      { labels: a ?? {}, resolved: true, endsAtMs },
      { labels: b ?? {}, startsAtMs: endsAtMs + 5_000 },
    ]);
    await bench.pass(minute);
    const now = await bench.episode(slow);
    expect(now.id).toMatch(/-2$/);
    const first = await bench.ledger.episodeById(now.id.replace(/2$/, '1'));
    expect(first).toMatchObject({ state: 'closed', members: {} });
    const runs = await bench.runs();
    expect(runs).toMatchObject([
      { state: 'ended', outcome: { kind: 'done', reason: 'resolved' } },
      { state: 'settling' },
    ]);
    expect(targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4']);
  });
});

describe('one bad alert among good ones', () => {
  test('is kept for a person, once, and the others go on', async () => {
    const { targets } = await start();
    targets.add('api', 1);
    const bad = { raw: { status: 'unheard of', labels: { alertname: 'Slow' } } };
    for (let count = 0; count < 3; count += 1) {
      await bench.take([{ labels: slow }, bad, { labels: { ...slow, service: 'api' } }]);
    }
    expect(targets.effects.sort()).toEqual(['api: 1 → 2', 'web: 2 → 3']);
    const escalations = await bench.escalations();
    expect(escalations).toMatchObject([{ value: { kind: 'report', reason: 'invalid_alert' } }]);
    expect(escalations[0]?.value.detail).toContain('alerts[1].status');
    expect(escalations[0]?.value.detail).toContain('unheard of');
  });

  test('nested too deeply to be written down is told all the same', async () => {
    const { targets } = await start();
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    await bench.take([{ raw: { status: 'firing', labels: deep } }, { labels: slow }]);
    expect(targets.effects).toEqual(['web: 2 → 3']);
    const escalations = await bench.escalations();
    expect(escalations).toMatchObject([{ value: { reason: 'invalid_alert' } }]);
    expect(escalations[0]?.value.detail).toContain('nested too deeply');
  });

  test('and another with every notification is one open report, with a count and the latest', async () => {
    await start();
    for (let count = 0; count < 30; count += 1) {
      const bad = { raw: { status: `no ${count}`, labels: { alertname: 'Slow' } } };
      await bench.take([bad], { groupKey: `group ${count}` });
      await bench.take([bad], { groupKey: `group ${count}` });
    }
    const escalations = await bench.escalations();
    expect(escalations).toMatchObject([{ value: { reason: 'invalid_alert', state: 'open' } }]);
    const { detail = '' } = escalations[0]?.value ?? {};
    expect(detail).toContain('30 times so far');
    expect(detail).toContain('no 29');
    expect(detail).not.toContain('no 3"');
  });

  test('that the engine itself fails over is named to a person, and no other is', async () => {
    const { engine, targets } = await start();
    for (const name of ['api', 'db']) targets.add(name, 1);
    const alerts = ['web', 'api', 'db'].map((service) => ({ labels: { ...slow, service } }));
    const received = bench.notification(alerts);
    targets.failNext('observe', new Error('a fault of the engine'));
    await expect(engine.take(received)).rejects.toThrow('a fault of the engine');
    const decided = await Promise.all(alerts.map(({ labels }) => bench.episode(labels)));
    const left = decided.find(({ verdicts }) => verdicts.length === 0)?.labels.service ?? '';
    await engine.takeFailed(received, new Error('a fault of the engine'));
    const [report] = await bench.escalations();
    expect(report?.value.detail).toContain('1 of 3 alerts');
    for (const name of ['web', 'api', 'db']) {
      expect(report?.value.detail.includes(`"${name}"`)).toBe(name === left);
    }
  });

  test('that the engine itself fails over does not keep the others from their decisions', async () => {
    const { engine, targets } = await start();
    const services = Array.from({ length: 40 }, (_, index) => `s${index}`);
    for (const name of services) targets.add(name, 1);
    targets.failNext('observe', new Error('a fault of the engine'));
    const alerts = services.map((service) => ({ labels: { ...slow, service } }));
    await expect(engine.take(bench.notification(alerts))).rejects.toThrow('a fault of the engine');
    const decided = await Promise.all(alerts.map(({ labels }) => bench.episode(labels)));
    expect(decided.filter(({ verdicts }) => verdicts.length === 0)).toHaveLength(1);
  });
});

test('alerts that Alertmanager left out are reported once, with what to do about it', async () => {
  await start();
  for (let count = 0; count < 3; count += 1) {
    await bench.take([{ labels: slow }], { truncatedAlerts: 7 });
  }
  const escalations = await bench.escalations();
  expect(escalations).toMatchObject([{ value: { reason: 'truncated' } }]);
  expect(escalations[0]?.value.detail).toMatch(/^7 alerts .* max_alerts/);
  const { values } = await bench.metrics.alerts.get();
  expect(values.find(({ labels }) => labels.effect === 'truncated')?.value).toBe(21);
});
