import { beforeEach, describe, expect, test } from 'vitest';
import { commandNotification } from '../../../src/alertmanager/command.js';
import type { Received } from '../../../src/alertmanager/received.js';
import { type Bench, scaleUp, startBench } from '../../support/memory-engine.js';

/* A call in the manner of Jenkins: it asks for one thing, and nobody ever says that it resolved. */

let bench: Bench;
beforeEach(async () => {
  const playbook = jenkinsOnly(scaleUp);
  bench = startBench({
    playbooks: [
      playbook
        .replace('cooldown: 0', 'cooldown: 20m')
        .replace('settle: 2m', 'settle: 2m\n    repeat: 3'),
    ],
    policy: 'limits: { target: [50 per 1h], playbook: [50 per 1h] }',
  });
  bench.targets.add('web', 2, { afterMs: 3_000 });
});

const minute = 60_000;
let number = 0;

function call(parameters: Record<string, string> = { service: 'web' }, name = 'scale'): Received {
  const receivedAtMs = bench.clock.now();
  number += 1;
  const notification = commandNotification({ source: 'jenkins', name, parameters, receivedAtMs });
  return { source: 'jenkins', receivedAtMs, notification, commandNumber: number };
}

async function take(received = call()): Promise<void> {
  await bench.engine.take(received);
  await bench.settle();
}

function jenkinsOnly(playbook: string): string {
  return playbook.replace(
    'match: alertname = "Slow"',
    'source: jenkins\nmatch: alertname = "scale"',
  );
}

const labels = { service: 'web', alertname: 'scale', command: 'jenkins' };

/** How many episodes are open. */
async function openCount(): Promise<number> {
  const { redis, keys } = bench.ledger;
  return (await redis.zrangebyscore(keys.openEpisodes, '-inf', Infinity, 'LIMIT', 0, 10)).length;
}

describe('a command', () => {
  test('gets one step, and is over as soon as its target is as it asked', async () => {
    await take();
    expect(await bench.episode(labels)).toMatchObject({ state: 'open', source: 'jenkins' });
    await bench.pass(minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect(await bench.episode(labels)).toMatchObject({ state: 'closed' });
    expect(await bench.escalations()).toEqual([]);
  });

  test('is found by its number', async () => {
    await take();
    const id = await bench.ledger.redis.hget(bench.ledger.keys.command(number), 'episode');
    expect(id).toBe((await bench.episode(labels)).id);
  });

  test('that comes again while the first is worked on joins it', async () => {
    await take();
    await take();
    await bench.pass(minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect(await bench.episode(labels)).toMatchObject({ state: 'closed', deliveries: 2 });
  });

  test('that is taken a second time after it was done changes nothing', async () => {
    const received = call();
    await take(received);
    await bench.pass(minute);
    await take(received);
    await bench.pass(60 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect(await bench.escalations()).toEqual([]);
  });

  test('that comes again after that is another one, which waits for the cooldown and then acts', async () => {
    await take();
    await bench.pass(minute);
    await take();
    expect(await bench.episode(labels)).toMatchObject({
      state: 'open',
      verdicts: [{ fate: 'held', reason: 'cooldown' }],
    });
    await bench.pass(18 * minute);
    expect(bench.targets.effects).toHaveLength(1);
    await bench.pass(5 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4']);
    expect(await bench.episode(labels)).toMatchObject({ state: 'closed' });
  });

  test('that no playbook covers stays a question until a person answers', async () => {
    await take(call({ service: 'web' }, 'unknown'));
    await bench.pass(60 * minute);
    const [question] = await bench.escalations();
    expect(question).toMatchObject({
      value: { state: 'open', reason: 'no_match', unverifiable: true },
    });
  });

  test('that failed is told, stays told, and is not tried again by the same call', async () => {
    bench.targets.add('web', 8);
    await take();
    await bench.pass(minute);
    expect(bench.targets.effects).toEqual([]);
    await take();
    await bench.pass(60 * minute);
    expect((await bench.escalations()).map(({ value }) => [value.state, value.reason])).toEqual([
      ['open', 'at_bound'],
    ]);
  });

  test('that two playbooks take is over when both have done what it asks for', async () => {
    const first = `${jenkinsOnly(scaleUp)}continue: true\n`;
    const second = `${jenkinsOnly(scaleUp).replace('name: scale-up', 'name: second')}`;
    const other = second.replace('${{ labels.service }}', 'api');
    await bench.reload({ playbooks: [first, other] });
    bench.targets.add('api', 2, { afterMs: 20_000 });
    await take();
    await bench.pass(10_000);
    const states = (await bench.runs()).map(({ state }) => state);
    expect(states.sort()).toEqual(['converging', 'ended']);
    expect(await bench.episode(labels)).toMatchObject({ state: 'open' });
    await bench.pass(10 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'api: 2 → 3']);
    expect(await bench.episode(labels)).toMatchObject({ state: 'closed' });
    expect(await bench.runs()).toMatchObject([
      { outcome: { reason: 'unverified' } },
      { outcome: { reason: 'unverified' } },
    ]);
    expect(await bench.ledger.due(bench.clock.now(), 10)).toEqual([]);
  });

  test('that one of two playbooks failed stays a question, though the other has done its part', async () => {
    const first = `${jenkinsOnly(scaleUp)}continue: true\n`;
    const second = `${jenkinsOnly(scaleUp).replace('name: scale-up', 'name: second')}`;
    await bench.reload({ playbooks: [first, second.replace('${{ labels.service }}', 'api')] });
    bench.targets.add('api', 8);
    await take();
    await bench.pass(20 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect((await bench.escalations()).map(({ value }) => [value.state, value.reason])).toEqual([
      ['open', 'at_bound'],
    ]);
  });

  test('that waits for a yes is no new question when its playbook is removed', async () => {
    const asking = jenkinsOnly(scaleUp).replace('mode: auto', 'mode: approve');
    await bench.reload({ playbooks: [asking], policy: 'approval_expires: 1d' });
    await take();
    await bench.reload({ playbooks: [], policy: 'approval_expires: 1d' });
    await bench.pass(3 * 60 * minute);
    const [question, ...others] = await bench.escalations();
    expect(others).toEqual([]);
    await bench.answer(question?.value.id ?? '', 'approve');
    await bench.pass(minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect(await bench.episode(labels)).toMatchObject({ state: 'closed' });
  });

  test('that waits for a guard is a question when its playbook is removed, and not lost', async () => {
    await take();
    await bench.pass(minute);
    await take();
    await bench.reload({ playbooks: [] });
    await bench.pass(30 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect((await bench.escalations()).map(({ value }) => [value.state, value.reason])).toEqual([
      ['open', 'no_match'],
    ]);
  });

  test('that was held for too long is over when it is done, and so is what was said of that', async () => {
    await take();
    await bench.pass(minute);
    await take();
    await bench.pass(40 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4']);
    expect(await bench.episode(labels)).toMatchObject({ state: 'closed' });
    expect((await bench.escalations()).map(({ value }) => [value.state, value.reason])).toEqual([
      ['withdrawn', 'held_too_long'],
    ]);
  });

  test('that is the same call anew is not over because the one before it is done', async () => {
    await take();
    await bench.pass(minute);
    const [run] = await bench.runs();
    await take();
    // as a worker found it that looked before the first one was closed
    await bench.ledger.redis.sadd(
      bench.ledger.keys.caseOpen(run?.caseId ?? ''),
      (await bench.episode(labels)).identity,
    );
    await bench.engine.look(`case:${run?.caseId}`);
    expect(await bench.episode(labels)).toMatchObject({
      state: 'open',
      verdicts: [{ fate: 'held' }],
    });
  });

  test('is told from another by all its parameters, those that alerts are not told apart by, too', async () => {
    await take(call({ service: 'web', replica: '1' }));
    await take(call({ service: 'web', replica: '2' }));
    const runs = await bench.runs();
    expect(runs).toHaveLength(1);
    expect(await openCount()).toBe(2);
    await bench.pass(minute);
    expect(await openCount()).toBe(0);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
  });
});

describe('an alert and a command with the same playbook and inputs', () => {
  const either = scaleUp
    .replace('match: alertname = "Slow"', 'source: [alertmanager, jenkins]\nmatch: service = "web"')
    .replace('settle: 2m', 'settle: 2m\n    repeat: 3');
  const alert = { alertname: 'Slow', service: 'web' };

  test('share no run: the alert that was first ends its own when it resolves', async () => {
    await bench.reload({ playbooks: [either] });
    await bench.take([{ labels: alert }]);
    await take();
    expect(await bench.episode(labels)).toMatchObject({
      verdicts: [{ fate: 'held', reason: 'target_busy' }],
    });
    await bench.pass(minute);
    await bench.take([{ labels: alert, resolved: true }]);
    await bench.pass(10 * minute);
    expect(await bench.runs()).toMatchObject([
      { verifiable: true, outcome: { reason: 'resolved' } },
      { verifiable: false, outcome: { reason: 'unverified' } },
    ]);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4']);
    expect(await bench.episode(labels)).toMatchObject({ state: 'closed' });
  });

  test('share no run: an alert that comes later gets all its steps, and a person when they do not help', async () => {
    await bench.reload({ playbooks: [either] });
    await take();
    await bench.take([{ labels: alert }]);
    await bench.pass(20 * minute);
    expect(bench.targets.effects).toHaveLength(4);
    expect((await bench.escalations()).map(({ value }) => value.reason)).toEqual(['exhausted']);
  });

  test('share no question either, and both are asked one after the other', async () => {
    await bench.reload({ playbooks: [either.replace('mode: auto', 'mode: approve')] });
    await take();
    await bench.take([{ labels: alert }]);
    expect(await bench.runs()).toHaveLength(1);
    const [question] = await bench.escalations();
    await bench.answer(question?.value.id ?? '', 'approve');
    await bench.pass(3 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect(await bench.runs()).toMatchObject([
      { outcome: { reason: 'unverified' } },
      { state: 'awaiting_approval', verifiable: true },
    ]);
  });
});

describe('an alert that pretends to be a call', () => {
  const pretender = { labels };

  test('is not taken by a playbook for calls, and a person is told which one it came near', async () => {
    await bench.take([pretender]);
    expect(bench.targets.effects).toEqual([]);
    expect(await bench.episode(labels, 'alertmanager')).toMatchObject({
      verdicts: [{ fate: 'escalated', reason: 'no_match' }],
      misses: [{ clause: 'source: jenkins', actual: 'alertmanager', missed: 1 }],
    });
  });

  test('does not stand in the way of the call, nor end it', async () => {
    await bench.take([pretender]);
    await take();
    await bench.take([{ labels, resolved: true }]);
    expect(await bench.episode(labels)).toMatchObject({ state: 'open', source: 'jenkins' });
    await bench.pass(minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect(await bench.episode(labels)).toMatchObject({ state: 'closed' });
  });

  test('posted as if by Grafana is not taken either', async () => {
    await bench.engine.take({ ...bench.notification([pretender]), source: 'grafana' });
    await bench.settle();
    expect(bench.targets.effects).toEqual([]);
    expect(await bench.episode(labels, 'grafana')).toMatchObject({ source: 'grafana' });
  });
});

test('a call is not taken by a playbook for alerts', async () => {
  await bench.reload({ playbooks: [scaleUp.replace('"Slow"', '"scale"')] });
  await take();
  expect(bench.targets.effects).toEqual([]);
  expect(await bench.episode(labels)).toMatchObject({
    verdicts: [{ fate: 'escalated', reason: 'no_match' }],
    misses: [{ clause: 'source: [alertmanager, grafana]', actual: 'jenkins' }],
  });
});

test('a call that is named like the watchdog is no sign of life', async () => {
  await bench.reload({
    playbooks: [jenkinsOnly(scaleUp)],
    policy: 'watchdog: { match: alertname="scale", after: 10m }',
  });
  await take();
  expect(await bench.ledger.redis.get(bench.ledger.keys.watchdog)).toBeNull();
});
