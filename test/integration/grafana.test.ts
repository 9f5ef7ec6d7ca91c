import { afterEach, describe, expect, test } from 'vitest';
import { isInAlertmanager } from '../../src/engine/episode/alertmanager-silence.js';
import { closeStale } from '../../src/engine/episode/stale.js';
import { createReconciler } from '../../src/engine/reconcile/reconcile.js';
import { notificationsOf } from '../../src/queue/intake-job.js';
import { createScriptedCluster } from '../support/cluster.js';
import { type Bench, scaleUp, startBench } from '../support/engine.js';

let bench: Bench;
afterEach(() => bench.stop());

const minute = 60_000;
const hour = 60 * minute;
const labels = { alertname: 'Slow', service: 'web' };

async function start(playbooks = [scaleUp]): Promise<void> {
  bench = await startBench({ playbooks });
  bench.targets.add('web', 2);
}

/** What Grafana posts, with fields of its own. */
function posted(status: 'firing' | 'resolved', of = labels) {
  const nowMs = bench.clock.now();
  const iso = (ms: number) => new Date(ms).toISOString();
  return {
    receiver: 'jidoka',
    status,
    orgId: 1,
    alerts: [
      {
        status,
        labels: of,
        annotations: { summary: 'slow' },
        startsAt: iso(nowMs - minute),
        endsAt: status === 'resolved' ? iso(nowMs) : '0001-01-01T00:00:00Z',
        generatorURL: 'http://grafana.example/alerting/grafana/abc/view',
        fingerprint: 'a4b8c2d9e0f10000',
        silenceURL: 'http://grafana.example/alerting/silence/new',
        values: { B: 22.5, C: 1 },
        valueString: '[ var=B value=22.5 ]',
      },
    ],
    groupLabels: {},
    commonLabels: of,
    commonAnnotations: {},
    externalURL: 'http://grafana.example/',
    version: '1',
    groupKey: '{}/{}:{}',
    truncatedAlerts: 0,
    title: '[FIRING:1] Slow',
    state: 'alerting',
    message: 'slow',
  };
}

async function take(status: 'firing' | 'resolved', of = labels): Promise<void> {
  const entry = { receivedAtMs: bench.clock.now(), posted: posted(status, of) };
  for (const received of notificationsOf([entry])) await bench.engine.take(received);
  await bench.settle();
}

const episode = () => bench.episode(labels, 'grafana');

describe('an alert of Grafana', () => {
  test('is acted upon until Grafana says that it has resolved, and nothing about it is odd', async () => {
    await start();
    await take('firing');
    expect(await episode()).toMatchObject({ state: 'open', source: 'grafana' });
    await bench.pass(10_000);
    await take('resolved');
    expect(await episode()).toMatchObject({ state: 'closed' });
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect(await bench.runs()).toMatchObject([{ outcome: { reason: 'resolved' } }]);
    expect((await bench.metrics.oddFields.get()).values).toEqual([]);
  });

  test('is never ended by what Alertmanager lists or does not list', async () => {
    await start();
    const { cluster } = createScriptedCluster(bench.clock);
    const options = { context: bench.context(), cluster, take: bench.engine.take };
    const reconcile = createReconciler(options);
    await take('firing');
    for (let count = 0; count < 20; count += 1) {
      await bench.pass(minute);
      await reconcile();
    }
    expect(await episode()).toMatchObject({ state: 'open' });
  });

  test('is given up when it was not heard of for long, where Alertmanager can be asked too', async () => {
    await start();
    await take('firing');
    await bench.take([{ labels: { ...labels, service: 'api' } }]);
    await bench.pass(12 * hour);
    await closeStale(bench.context(), 'unlisted');
    expect(await episode()).toMatchObject({ state: 'closed' });
    expect(await bench.episode({ ...labels, service: 'api' })).toMatchObject({ state: 'open' });
    expect(await bench.redis.zcard(bench.ledger.keys.unlistedEpisodes)).toBe(0);
    const [report] = (await bench.escalations()).filter(({ value }) => value.reason === 'stale');
    expect(report?.value.detail).toContain('its contact point');
  });

  test('is another one than that of Alertmanager with the same labels: neither ends the other', async () => {
    await start();
    await bench.take([{ labels }]);
    await take('firing');
    await bench.pass(10_000);
    // while both fire, what they ask for is done once
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    await bench.take([{ labels, resolved: true }]);
    expect(await episode()).toMatchObject({ state: 'open' });
    expect(await bench.episode(labels)).toMatchObject({ state: 'closed' });
  });

  test('cannot be silenced in Alertmanager', async () => {
    await start();
    await take('firing', { alertname: 'Unknown', service: 'web' });
    await bench.take([{ labels: { alertname: 'Other', service: 'web' } }]);
    const asked = await bench.escalations();
    const isThere = (name: string) => {
      const about = asked.find(({ value }) => value.labels.alertname === name);
      return isInAlertmanager(bench.ledger, about?.value.caseId ?? '');
    };
    expect(await isThere('Unknown')).toBe(false);
    expect(await isThere('Other')).toBe(true);
  });

  test('is left to playbooks that take alerts of Grafana', async () => {
    const only = (source: string, service: string) =>
      scaleUp
        .replace('name: scale-up', `name: for-${source}\nsource: ${source}`)
        .replace('"Slow"', `"Slow", service = "${service}"`);
    await start([only('alertmanager', 'web'), only('grafana', 'api')]);
    bench.targets.add('api', 1);
    for (const service of ['web', 'api']) {
      await take('firing', { ...labels, service });
      await bench.take([{ labels: { ...labels, service } }]);
    }
    const runs = await bench.runs();
    expect(runs.map(({ origin, labels: of }) => ({ ...origin, service: of.service }))).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ playbook: 'for-alertmanager', service: 'web' }),
        expect.objectContaining({ playbook: 'for-grafana', service: 'api' }),
      ]),
    );
    expect(runs).toHaveLength(2);
  });
});
