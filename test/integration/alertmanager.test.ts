import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Alertmanager, createAlertmanager } from '../../src/alertmanager/alertmanager.js';
import { createAlertmanagerCluster } from '../../src/alertmanager/alertmanager-cluster.js';
import { createReconciler } from '../../src/engine/reconcile/reconcile.js';
import { type Bench, scaleUp, startBench } from '../support/engine.js';
import { eventually } from '../support/eventually.js';
import { startAlertmanager } from '../support/parts/alertmanager.js';

/* The client and reconciliation on a real Alertmanager. */

const nobody = 'http://127.0.0.1:1/webhooks/alertmanager';
const config = {
  route: {
    receiver: 'people',
    group_wait: '0s',
    group_interval: '1s',
    routes: [
      { receiver: 'jidoka', matchers: ['alertname != "Elsewhere"'], continue: true },
      { receiver: 'nights', matchers: ['alertname = "Night"'], mute_time_intervals: ['always'] },
    ],
  },
  inhibit_rules: [
    { source_matchers: ['alertname = "Down"'], target_matchers: ['alertname = "Lost"'] },
  ],
  time_intervals: [
    { name: 'always', time_intervals: [{ times: [{ start_time: '00:00', end_time: '24:00' }] }] },
  ],
  receivers: [
    { name: 'people' },
    { name: 'nights', webhook_configs: [{ url: nobody }] },
    { name: 'jidoka', webhook_configs: [{ url: nobody }] },
  ],
};

let server: Awaited<ReturnType<typeof startAlertmanager>>;
let client: Alertmanager;
beforeAll(async () => {
  server = await startAlertmanager({ config });
  client = createAlertmanager({ url: server.url, timeoutMs: 5_000 });
});
afterAll(() => server.stop());

const hour = 3_600_000;
const fire = (labels: Record<string, string>, endsAtMs = Date.now() + hour) =>
  client.post([{ labels, annotations: { summary: 's' }, startsAtMs: Date.now() - hour, endsAtMs }]);
const stateOf = async (alertname: string) =>
  (await client.alerts()).find(({ alert }) => alert.labels.alertname === alertname)?.state;

describe('a real Alertmanager', () => {
  test('lists what is routed to any receiver, and says which, and what is silenced or inhibited', async () => {
    await fire({ alertname: 'Slow' });
    await fire({ alertname: 'Elsewhere' });
    await fire({ alertname: 'Down' });
    await fire({ alertname: 'Lost' });
    await fire({ alertname: 'Quiet' });
    const silence = await fetch(`${server.url}/api/v2/silences`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        matchers: [{ name: 'alertname', value: 'Quiet', isRegex: false, isEqual: true }],
        startsAt: new Date().toISOString(),
        endsAt: new Date(Date.now() + hour).toISOString(),
        createdBy: 'ada',
        comment: 'at work on it',
      }),
    });
    expect(silence.status).toBe(200);
    await eventually(
      'it is silenced',
      () => stateOf('Quiet'),
      (state) => state === 'suppressed',
    );
    await eventually(
      'it is inhibited',
      () => stateOf('Lost'),
      (state) => state === 'suppressed',
    );
    expect(await stateOf('Slow')).toBe('active');
    expect(await client.alerts()).toContainEqual(
      expect.objectContaining({
        alert: expect.objectContaining({ labels: { alertname: 'Elsewhere' } }),
        receivers: ['people'],
      }),
    );
  });

  test('does not list an alert any more that has ended', async () => {
    await fire({ alertname: 'Short' });
    expect(await stateOf('Short')).toBe('active');
    await fire({ alertname: 'Short' }, Date.now());
    expect(await stateOf('Short')).toBeUndefined();
  });

  test('shows an alert as active that a route mutes at times, which only its configuration tells', async () => {
    await fire({ alertname: 'Night' });
    await sleep(2_500);
    const found = (await client.alerts()).find(({ alert }) => alert.labels.alertname === 'Night');
    expect(found).toMatchObject({ state: 'active', receivers: ['jidoka', 'nights'] });
    const read = async (receiver: string) => {
      const cluster = createAlertmanagerCluster({ members: [client], receiver });
      const { members } = await cluster.read();
      return members[0]?.routes;
    };
    expect(await read('nights')).toEqual({ exists: true, mutedAtTimes: true });
    expect(await read('jidoka')).toEqual({ exists: true, mutedAtTimes: false });
    expect(await read('jidokas')).toEqual({ exists: false, mutedAtTimes: false });
  });

  test('says when it started', async () => {
    const { startedAtMs, version } = await client.status();
    expect(startedAtMs).toBeLessThanOrEqual(Date.now());
    expect(version).toMatch(/^\d+\.\d+/);
  });
});

test('an alert that comes by another receiver stays open while a real Alertmanager lists it', async () => {
  const elsewhere = { alertname: 'Elsewhere' };
  await fire(elsewhere);
  const bench = await startBench({ playbooks: [scaleUp] });
  bench.clock.advance(Date.now() + hour - bench.clock.now());
  const cluster = createAlertmanagerCluster({ members: [client], receiver: 'jidoka' });
  const reconcile = createReconciler({
    context: bench.context(),
    cluster,
    take: bench.engine.take,
  });
  const readFor = async (ms: number) => {
    for (let atMs = 0; atMs < ms; atMs += 30_000) {
      await bench.pass(30_000);
      await reconcile();
    }
  };
  await bench.take([{ labels: elsewhere }]);
  await readFor(600_000);
  expect(await bench.episode(elsewhere)).toMatchObject({ state: 'open' });
  await fire(elsewhere, Date.now());
  await readFor(600_000);
  expect(await bench.episode(elsewhere)).toMatchObject({ state: 'closed' });
  await bench.stop();
});

describe('an engine that was down while its webhook could not be reached', () => {
  let bench: Bench;
  afterEach(() => bench.stop());

  test('catches up: it acts on what fires, and closes what resolved meanwhile', async () => {
    const slow = { alertname: 'Slow', service: 'web' };
    await fire(slow);
    bench = await startBench({ playbooks: [scaleUp] });
    bench.targets.add('web', 2);
    bench.clock.advance(Date.now() - bench.clock.now());
    const start = () =>
      createReconciler({
        context: bench.context(),
        cluster: createAlertmanagerCluster({ members: [client], receiver: 'jidoka' }),
        take: bench.engine.take,
      });

    let reconcile = start();
    bench.clock.advance(hour);
    await reconcile();
    await bench.settle();
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect(await bench.episode(slow)).toMatchObject({ state: 'open' });

    await fire(slow, Date.now());
    bench.clock.advance(hour);
    reconcile = start();
    for (let count = 0; count < 12; count += 1) {
      await reconcile();
      bench.clock.advance(30_000);
    }
    await bench.settle();
    expect(await bench.episode(slow)).toMatchObject({ state: 'closed' });
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    const { id } = await bench.episode(slow);
    expect(await bench.audited('episode')).toContainEqual(
      expect.objectContaining({ id, event: 'closed', reason: 'reconciled' }),
    );
  });
});
