import { afterEach, describe, expect, test } from 'vitest';
import { parseNotification } from '../../src/alertmanager/payload.js';
import { type Bench, scaleUp, startBench } from '../support/engine.js';

let bench: Bench;
afterEach(() => bench.stop());

const labels = { alertname: 'Slow', service: 'web' };
const zero = '0001-01-01T00:00:00Z';
const minute = 60_000;

async function start(): Promise<Bench> {
  bench = await startBench({ playbooks: [scaleUp] });
  bench.targets.add('web', 2);
  return bench;
}

/** Takes a body in as it would be posted now. */
async function take(alert: object, more: object = {}): Promise<void> {
  const body = {
    version: '4',
    groupKey: '{}:{alertname="Slow"}',
    truncatedAlerts: 0,
    status: 'firing',
    receiver: 'jidoka',
    groupLabels: { alertname: 'Slow' },
    commonLabels: { alertname: 'Slow' },
    commonAnnotations: {},
    externalURL: 'http://alertmanager.example',
    alerts: [{ status: 'firing', labels, endsAt: zero, fingerprint: '0123456789abcdef', ...alert }],
    ...more,
  };
  const notification = parseNotification(JSON.parse(JSON.stringify(body)));
  const receivedAtMs = bench.clock.now();
  await bench.engine.take({ source: 'alertmanager', receivedAtMs, notification });
  await bench.settle();
}

describe('a run goes on only while its alert fires: it ends with a resolved', () => {
  test.each([
    ['whose end is zero', { endsAt: zero }],
    ['without an end', { endsAt: undefined }],
    ['whose end is no time', { endsAt: 'now' }],
    ['whose start is zero', { startsAt: zero }],
    ['without any time', { startsAt: undefined, endsAt: undefined }],
    ['whose end is before its start', { endsAt: '2020-01-01T00:00:00Z' }],
    ['without a status of its own', { status: undefined }],
    ['whose status is written otherwise', { status: 'Resolved' }],
  ])('%s', async (_, odd) => {
    const { targets, clock } = await start();
    const startsAt = new Date(clock.now() - minute).toISOString();
    await take({ startsAt });
    await bench.pass(10_000);
    const endsAt = new Date(clock.now()).toISOString();
    await take({ startsAt, endsAt, status: 'resolved', ...odd }, { status: 'resolved' });
    expect(await bench.episode(labels)).toMatchObject({ state: 'closed' });
    expect(await bench.runs()).toMatchObject([{ outcome: { reason: 'resolved' } }]);
    await bench.pass(30 * minute);
    expect(targets.effects).toEqual(['web: 2 → 3']);
    expect(await bench.escalations()).toEqual([]);
  });
});

test('an alert that came without its fingerprint ends with a resolved that has one', async () => {
  await start();
  const startsAt = new Date(bench.clock.now() - minute).toISOString();
  await take({ startsAt, fingerprint: undefined });
  await take({ startsAt });
  const endsAt = new Date(bench.clock.now()).toISOString();
  await take({ startsAt, endsAt, status: 'resolved', fingerprint: 'fedcba9876543210' });
  expect(await bench.episode(labels)).toMatchObject({ state: 'closed', members: {} });
});

describe('an alert is acted upon', () => {
  test.each([
    ['without a fingerprint', { fingerprint: undefined }, {}],
    ['without a start', { startsAt: undefined }, {}],
    ['that started in a hundred years', { startsAt: '2126-01-01T00:00:00Z' }, {}],
    ['with annotations that are none', { annotations: [1] }, {}],
    ['of a notification with an empty receiver', {}, { receiver: '' }],
    ['of a notification without a group key', {}, { groupKey: undefined }],
    ['of a notification with a number among its labels', {}, { groupLabels: { port: 9100 } }],
    ['of a notification without a status', {}, { status: undefined }],
    ['of a notification of another version', {}, { version: 5 }],
  ])('%s', async (_, alert, more) => {
    const { targets } = await start();
    await take({ startsAt: '2025-12-31T23:59:00Z', ...alert }, more);
    expect(targets.effects).toEqual(['web: 2 → 3']);
    expect(await bench.escalations()).toEqual([]);
    const resolved = { status: 'resolved', endsAt: new Date(bench.clock.now()).toISOString() };
    await take({ startsAt: '2025-12-31T23:59:00Z', ...alert, ...resolved }, more);
    expect(await bench.episode(labels)).toMatchObject({ state: 'closed' });
  });

  test('and what was left out of its notification is told, though its number is a text', async () => {
    const { targets } = await start();
    await take({ startsAt: '2025-12-31T23:59:00Z' }, { truncatedAlerts: '3' });
    expect(targets.effects).toEqual(['web: 2 → 3']);
    expect(await bench.escalations()).toMatchObject([{ value: { reason: 'truncated' } }]);
  });
});

test('odd fields are counted by their name, and logged once an hour', async () => {
  const { clock } = await start();
  const odd = async () => {
    for (let count = 0; count < 3; count += 1)
      await take({ startsAt: 'yesterday' }, { version: 5 });
  };
  await odd();
  const counted = await bench.metrics.oddFields.get();
  expect(counted.values.map(({ labels: { field }, value }) => [field, value])).toEqual([
    ['version', 3],
    ['startsAt', 6],
  ]);
  const logged = () =>
    bench.logged.filter((line) => JSON.stringify(line).includes('with an unexpected field'));
  expect(logged()).toHaveLength(2);
  clock.advance(60 * minute);
  await odd();
  expect(logged()).toHaveLength(4);
});

describe('a poisoned alert', () => {
  const many = Object.fromEntries(Array.from({ length: 3_000 }, (_, at) => [`label_${at}`, 'x']));
  const poison = { raw: { status: 'firing', labels: { ...labels, ...many } } };

  test('with thousands of labels is kept for a person; the others go on, after a restart too', async () => {
    const { targets } = await start();
    const received = bench.notification([poison, { labels }]);
    for (const engine of [bench.engine, bench.another(), bench.another()]) {
      await engine.take(received);
      await bench.settle();
    }
    expect(targets.effects).toEqual(['web: 2 → 3']);
    const escalations = await bench.escalations();
    expect(escalations).toMatchObject([{ value: { reason: 'invalid_alert' } }]);
    expect(escalations[0]?.value.detail).toContain(
      'expected at most 256 with 65536 characters, got 3002',
    );
  });

  test('among thousands of them takes one report, with the first ones and their number', async () => {
    const { targets } = await start();
    const bad = Array.from({ length: 5_000 }, (_, at) => ({ raw: at }));
    await bench.take([...bad, { labels }]);
    expect(targets.effects).toEqual(['web: 2 → 3']);
    const escalations = await bench.escalations();
    expect(escalations).toMatchObject([{ value: { reason: 'invalid_alert' } }]);
    const { detail = '' } = escalations[0]?.value ?? {};
    expect(detail).toContain('alerts[2]: expected a JSON object, got 2');
    expect(detail).not.toContain('alerts[3]');
    expect(detail).toContain('Jidoka could not read 4997 more alerts of this notification');
  });

  test('beyond the first ten thousand of a notification is told, and the others are taken', async () => {
    const { targets } = await start();
    const rest = Array.from({ length: 10_000 }, () => ({ raw: { status: 'firing', labels } }));
    const beyond = { raw: { status: 'firing', labels: { ...labels, beyond: 'yes' } } };
    await bench.take([...rest, beyond]);
    expect(targets.effects).toEqual(['web: 2 → 3']);
    const escalations = await bench.escalations();
    expect(escalations).toMatchObject([{ value: { reason: 'invalid_alert' } }]);
    expect(escalations[0]?.value.detail).toContain('expected at most 10000, got 10001');
  });
});
