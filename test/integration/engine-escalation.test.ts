import { afterEach, describe, expect, test } from 'vitest';
import type { Choice } from '../../src/ledger/escalation.js';
import type { StoredEscalation } from '../../src/ledger/record-reads.js';
import { type Bench, scaleUp, startBench } from '../support/engine.js';

let bench: Bench;
afterEach(() => bench.stop());

const minute = 60_000;
const broken = { alertname: 'Broken', service: 'web' };

async function start(playbooks = [scaleUp], policy?: string): Promise<Bench> {
  bench = await startBench({ playbooks, ...(policy === undefined ? {} : { policy }) });
  bench.targets.add('web', 2);
  return bench;
}

/** One more replica, and two answers that do nothing, as the messenger offers them. */
async function offer({ rev, value }: StoredEscalation): Promise<void> {
  const choices: Choice[] = [
    {
      id: 'one-more',
      label: 'One more replica',
      style: 'primary',
      does: {
        kind: 'act',
        action: 'test.scale',
        params: { service: 'web', by: 1, max: 8 },
        target: { id: 'test.service/web', name: 'web' },
      },
    },
    { id: 'ack', label: 'Acknowledge', style: undefined, does: { kind: 'acknowledge' } },
    { id: 'dismiss', label: 'Dismiss', style: undefined, does: { kind: 'dismiss' } },
  ];
  const { check, writes } = bench.ledger.saveEscalation(
    { rev, value },
    { ...value, choices },
    null,
  );
  await bench.ledger.commit({ checks: [check], writes, nowMs: bench.clock.now() });
}

/** The only escalation there is. */
async function only(): Promise<StoredEscalation> {
  const [first, ...others] = await bench.escalations();
  expect(others).toEqual([]);
  if (first === undefined) throw new Error('nobody was told');
  return first;
}

describe('an alert that no playbook takes', () => {
  test('goes to a person, with why no playbook took it', async () => {
    const near = `match: ['alertname = "Slow"', 'service = "web"']`;
    await start([scaleUp.replace('match: alertname = "Slow"', near)]);
    await bench.take([{ labels: broken }]);
    expect((await only()).value).toMatchObject({
      kind: 'unmatched',
      reason: 'no_match',
      state: 'open',
      title: 'Broken: web',
      labels: broken,
      choices: null,
      misses: [{ playbook: 'scale-up', clause: 'alertname="Slow"', actual: '"Broken"' }],
    });
    expect(await bench.episode(broken)).toMatchObject({
      verdicts: [{ playbook: null, fate: 'escalated', reason: 'no_match' }],
    });
  });

  test('is one of fifty about the same subject: one escalation, with a count', async () => {
    await start();
    const alerts = Array.from({ length: 50 }, (_, index) => ({
      labels: { ...broken, instance: `i${index}` },
    }));
    await bench.take(alerts);
    expect((await only()).joined).toBe(50);
    await bench.take(alerts);
    expect(await only()).toMatchObject({ joined: 50, openEpisodes: 50 });
  });

  test('is one of fifty that come one by one, to several engines at once: one escalation', async () => {
    await start();
    const engines = [bench.engine, bench.another(), bench.another()];
    const notifications = Array.from({ length: 50 }, (_, index) =>
      bench.notification([{ labels: { ...broken, instance: `i${index}` } }]),
    );
    await Promise.all(notifications.map((each, index) => engines[index % 3]?.take(each)));
    expect((await only()).joined).toBe(50);
  });

  test('resolves: its escalation is withdrawn when the last of its alerts has', async () => {
    await start();
    const [a, b] = [broken, { ...broken, instance: 'b' }];
    await bench.take([{ labels: a }, { labels: b }]);
    await bench.take([{ labels: a, resolved: true }]);
    expect((await only()).value.state).toBe('open');
    await bench.take([{ labels: b, resolved: true }]);
    expect((await only()).value.state).toBe('withdrawn');
  });

  test('is kept for as long as it fires, and for a while after that', async () => {
    await start();
    await bench.take([{ labels: broken }]);
    const key = bench.ledger.keys.caseInfo((await only()).value.caseId);
    expect(await bench.redis.pttl(key)).toBe(-1);
    await bench.take([{ labels: broken, resolved: true }]);
    expect(await bench.redis.pttl(key)).toBeGreaterThan(0);
    await bench.take([{ labels: broken }]);
    expect(await bench.redis.pttl(key)).toBe(-1);
  });

  test('comes again after that: a person is asked again', async () => {
    await start();
    await bench.take([{ labels: broken }]);
    await bench.take([{ labels: broken, resolved: true }]);
    await bench.pass(minute);
    await bench.take([{ labels: broken, startsAtMs: bench.clock.now() }]);
    const states = (await bench.escalations()).map(({ value }) => value.state);
    expect(states).toEqual(['withdrawn', 'open']);
  });

  test('that was reported late after it resolved is still one alert of its escalation', async () => {
    await start();
    await bench.engine.take(bench.notification([{ labels: broken }]));
    await bench.engine.take(bench.notification([{ labels: broken, resolved: true }]));
    await bench.engine.take(bench.notification([{ labels: broken }]));
    await bench.settle();
    expect(await only()).toMatchObject({ joined: 1, openEpisodes: 1, value: { state: 'open' } });
  });

  test('leaves alone what is none of its kind', async () => {
    await start();
    await bench.take([{ labels: broken }, { labels: { ...broken, service: 'api' } }]);
    expect(await bench.escalations()).toHaveLength(2);
  });
});

describe('an alert that a playbook takes and cannot act on', () => {
  const slow = { alertname: 'Slow', service: 'web' };

  test('because no bound is given anywhere, goes to a person and nothing is done', async () => {
    await start([scaleUp.replace(', max: 8', '')]);
    await bench.take([{ labels: slow }]);
    expect((await only()).value).toMatchObject({ kind: 'unmatched', reason: 'no_bounds' });
    await bench.pass(minute);
    expect(bench.targets.calls.apply).toBe(0);
  });

  test('because there is no such target, goes to a person', async () => {
    await start();
    await bench.take([{ labels: { ...slow, service: 'gone' } }]);
    expect((await only()).value).toMatchObject({
      reason: 'target_not_found',
      detail: expect.stringContaining('there is no service gone'),
    });
  });

  test('because an expression needs a label that is missing, goes to a person', async () => {
    await start();
    await bench.take([{ labels: { alertname: 'Slow' } }]);
    expect((await only()).value.reason).toBe('expression_failed');
  });

  test('because its target cannot be read for now, is held and acts when it can', async () => {
    await start();
    bench.targets.failNext('observe', 'unavailable');
    await bench.take([{ labels: slow }]);
    expect((await bench.episode(slow)).verdicts).toMatchObject([
      { fate: 'held', reason: 'target_unavailable' },
    ]);
    await bench.pass(minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
  });
});

describe('what a person chooses', () => {
  test('is done by the same engine, once, and is over when the alert resolves', async () => {
    await start();
    await bench.take([{ labels: broken }]);
    await offer(await only());
    const { id } = (await only()).value;
    expect(await bench.answer(id, 'one-more', 'ada')).toMatchObject({ kind: 'accepted' });
    expect(await bench.answer(id, 'one-more', 'bob')).toMatchObject({ kind: 'too_late' });
    await bench.pass(minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect(await bench.runs()).toMatchObject([
      { state: 'settling', origin: { kind: 'person', by: 'ada', escalationId: id } },
    ]);
    await bench.take([{ labels: broken, resolved: true }]);
    expect(await bench.runs()).toMatchObject([{ outcome: { kind: 'done', reason: 'resolved' } }]);
  });

  test('is told to a person again where it did not help', async () => {
    await start();
    await bench.take([{ labels: broken }]);
    await offer(await only());
    await bench.answer((await only()).value.id, 'one-more', 'ada');
    await bench.pass(6 * minute);
    expect(await bench.escalations()).toHaveLength(1);
    await bench.pass(2 * minute);
    const [, report] = await bench.escalations();
    expect(report?.value).toMatchObject({ kind: 'report', reason: 'exhausted', state: 'open' });
    expect(report?.value.detail).toContain('The action chosen by ada: Jidoka took every step');
    expect(report?.value.detail).toContain('scale web from 2 to 3 replicas: converged');
  });

  test('has its time until the news that it helped can come: longer than a group interval', async () => {
    await start();
    await bench.take([{ labels: broken }]);
    await offer(await only());
    await bench.answer((await only()).value.id, 'one-more');
    await bench.pass(5 * minute + 30_000);
    await bench.take([{ labels: broken, resolved: true }]);
    expect(await bench.runs()).toMatchObject([{ outcome: { kind: 'done', reason: 'resolved' } }]);
    expect(await bench.escalations()).toHaveLength(1);
  });

  test('is done unverified where the source does not report whether the alert resolved', async () => {
    await start([scaleUp], 'alertmanager: { send_resolved: false }');
    await bench.take([{ labels: broken }]);
    await offer(await only());
    await bench.answer((await only()).value.id, 'one-more');
    await bench.pass(minute);
    expect(await bench.runs()).toMatchObject([{ outcome: { kind: 'done', reason: 'unverified' } }]);
    expect(await bench.escalations()).toHaveLength(1);
  });

  test.each([
    ['has its time to help too', true, { outcome: { kind: 'done', reason: 'resolved' } }],
    ['and does not help is told', false, { outcome: { kind: 'failed', reason: 'exhausted' } }],
  ])('and is there already %s', async (_, helps, ended) => {
    await start();
    await bench.take([{ labels: broken }]);
    await offer(await only());
    bench.targets.setSize('web', 8);
    await bench.answer((await only()).value.id, 'one-more');
    await bench.pass(minute);
    expect(await bench.runs()).toMatchObject([{ state: 'settling', attempts: [] }]);
    if (helps) await bench.take([{ labels: broken, resolved: true }]);
    await bench.pass(10 * minute);
    expect(await bench.runs()).toMatchObject([ended]);
    expect(bench.targets.effects).toEqual([]);
  });

  test('and has to wait is told with its run, and ends when it has waited for too long', async () => {
    await start([scaleUp.replace('settle: 2m', 'settle: 3h')], 'approval_expires: 30m');
    await bench.take([{ labels: { alertname: 'Slow', service: 'web' } }]);
    await bench.pass(1_000);
    await bench.take([{ labels: broken }]);
    await offer(await only());
    await bench.answer((await only()).value.id, 'one-more');
    await bench.pass(minute);
    const [working, waiting] = await bench.runs();
    expect(waiting).toMatchObject({ state: 'admitting', waiting: { reason: 'target_busy' } });
    expect((await only()).value).toMatchObject({
      runId: waiting?.id,
      answer: { runId: waiting?.id },
    });
    await bench.pass(30 * minute);
    const told = await bench.escalations();
    const report = told.at(-1);
    expect(told.map(({ value }) => value.reason)).toContain('held_too_long');
    expect(report?.value).toMatchObject({ reason: 'expired', state: 'open', runId: waiting?.id });
    expect(report?.value.detail).toContain(`deferred by target_busy: run ${working?.id} holds web`);
    await bench.pass(180 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
  });

  test('passes cooldowns, but not a run that works on the target', async () => {
    await start([scaleUp.replace('cooldown: 0', 'cooldown: 1h')]);
    await bench.take([{ labels: { alertname: 'Slow', service: 'web' } }]);
    await bench.take([{ labels: broken }]);
    await offer(await only());
    await bench.answer((await only()).value.id, 'one-more');
    await bench.pass(minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    await bench.take([{ labels: { alertname: 'Slow', service: 'web' }, resolved: true }]);
    await bench.pass(10_000);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4']);
  });

  test.each(['ack', 'dismiss'])('may be to do nothing (%s)', async (choice) => {
    await start();
    await bench.take([{ labels: broken }]);
    await offer(await only());
    expect(await bench.answer((await only()).value.id, choice)).toMatchObject({ kind: 'accepted' });
    await bench.pass(minute);
    expect(await bench.runs()).toEqual([]);
    expect((await only()).value).toMatchObject({ state: 'answered', answer: { runId: null } });
  });
});
