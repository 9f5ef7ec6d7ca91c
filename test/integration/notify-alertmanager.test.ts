import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createAlertmanager } from '../../src/alertmanager/alertmanager.js';
import { createAlertmanagerCluster } from '../../src/alertmanager/alertmanager-cluster.js';
import { isOwnAlert } from '../../src/alertmanager/own-alert.js';
import { parseNotification } from '../../src/alertmanager/payload.js';
import { handOver } from '../../src/escalation/choices.js';
import {
  createAlertmanagerNotifier,
  type NotifyMode,
} from '../../src/escalation/notify-alertmanager.js';
import { readInWords } from '../../src/evidence/in-words.js';
import { createEvidenceStore } from '../../src/ledger/evidence.js';
import { systemClock } from '../../src/lib/clock.js';
import { createScriptedCluster } from '../support/cluster.js';
import { type Bench, scaleUp, startBench } from '../support/engine.js';
import { eventually } from '../support/eventually.js';
import { startAlertmanager } from '../support/parts/alertmanager.js';

const minute = 60_000;
const odd = { alertname: 'Odd', service: 'web', severity: 'warning' };

let bench: Bench;
let world: ReturnType<typeof createScriptedCluster>;
let mode: NotifyMode;
let notify: () => Promise<void>;

function notifier(cluster: Parameters<typeof createAlertmanagerNotifier>[0]['cluster']) {
  const { ledger, clock, log } = bench.context();
  const consoleUrl = 'https://jidoka.example.com';
  return createAlertmanagerNotifier({
    ...{ ledger, cluster, mode: () => mode, consoleUrl, clock, log },
    evidenceOf: (ids) => readInWords(bench.ledger, ids),
  });
}

beforeEach(async () => {
  mode = 'always';
  bench = await startBench({ playbooks: [scaleUp] });
  bench.targets.add('web', 2);
  world = createScriptedCluster(bench.clock);
  notify = notifier(world.cluster);
});
afterEach(() => bench.stop());

/** The id of the only open escalation. */
async function open(): Promise<string> {
  const [found] = (await bench.escalations()).filter(({ value }) => value.state === 'open');
  return found?.value.id ?? '';
}

/** Acknowledges the only open escalation, as a person does. */
async function acknowledge(): Promise<void> {
  const { ledger } = bench;
  const stored = await ledger.escalation(await open());
  if (stored === null) throw new Error('nothing is open');
  const { id } = stored.value;
  const offered = { ...stored.value, choices: handOver };
  await bench.write(...ledger.saveEscalation(stored, offered, null).writes);
  expect(await bench.answer(id, 'ack')).toMatchObject({ kind: 'accepted' });
}

/** Lets time pass, with a look every five seconds, as the engine has it. */
async function lookFor(ms: number): Promise<void> {
  for (const untilMs = bench.clock.now() + ms; bench.clock.now() < untilMs; ) {
    bench.clock.advance(5_000);
    await notify();
  }
}

describe('with notify.alertmanager: always', () => {
  test('an open escalation is an alert with its severity, service and reason, and a link', async () => {
    await bench.take([{ labels: odd }]);
    await lookFor(5_000);
    const id = await open();
    expect(world.posted).toMatchObject([
      {
        labels: {
          alertname: 'JidokaEscalation',
          severity: 'warning',
          service: 'web',
          reason: 'no_match',
          escalation: id,
        },
        annotations: {
          summary: 'Odd: web',
          description: expect.stringContaining('no playbook is about'),
          answer: `https://jidoka.example.com/escalations/${id}`,
        },
      },
    ]);
    expect(world.posted[0]?.endsAtMs).toBeGreaterThan(bench.clock.now() + 2 * minute);
  });

  test('names the playbook, and is critical where the alert has no severity', async () => {
    bench.targets.setConvergence('web', 'never');
    await bench.take([{ labels: { alertname: 'Slow', service: 'web' } }]);
    await bench.pass(10 * minute);
    await lookFor(5_000);
    expect(world.posted).toMatchObject([
      { labels: { severity: 'critical', playbook: 'scale-up', reason: 'not_converged' } },
    ]);
  });

  test('it carries the evidence in words from the renewal on after that was gathered', async () => {
    await bench.take([{ labels: odd }]);
    await lookFor(5_000);
    expect(world.posted).toHaveLength(1);
    expect(world.posted[0]?.annotations).not.toHaveProperty('evidence');

    const nowMs = bench.clock.now();
    const id = await open();
    const missing = { missing: 'not there' };
    const failure = { atMs: nowMs, state: 'failed', error: '', exitCode: 3, node: 'n1' };
    await createEvidenceStore(bench.ledger).finish(
      id,
      {
        ...{ id, gatheredAtMs: nowMs, alertAtMs: nowMs, changes: missing },
        headline: 'Deployed 12 minutes before the alert: a → b',
        metric: {
          ...{ expression: 'rate(errors[5m])', fromMs: nowMs, stepMs: 45_000, found: 2 },
          threshold: { operator: '>', expression: '0.5', value: 0.5 },
          series: [{ labels: {}, values: [0, null, 1, 0.75] }],
          ...{ notes: [], graphUrl: null },
        },
        tasks: {
          services: [
            { name: 'web', running: 1, desired: 3, failures: [failure], failed: 4, problems: [] },
          ],
        },
        group: {
          groups: [
            {
              name: 'workers',
              activities: [{ atMs: nowMs, status: 'Failed', description: '', message: 'no room' }],
            },
          ],
        },
        lastTime: {
          precedents: [
            {
              ...{ id: 'r1', kind: 'run', atMs: nowMs, what: 'scale web from 2 to 3 replicas' },
              ...{ by: 'scale-up', result: 'helped', tookMs: 125_000 },
            },
          ],
        },
        related: { alerts: [], total: 7 },
      },
      nowMs,
    );
    await lookFor(minute);
    const renewed = world.posted.at(-1);
    expect(renewed?.annotations.evidence?.split('\n')).toEqual([
      'Deployed 12 minutes before the alert: a → b',
      'rate(errors[5m]): first 0, lowest 0, highest 1, current 0.75, alert if > 0.5, 1 of 2 series',
      'web: 1 of 3 tasks running, 4 failed, last with exit code 3',
      'workers: Failed: no room',
      'Last time: scale web from 2 to 3 replicas, by scale-up: helped after 2 min 5 s',
      'Related firing alerts: 7',
    ]);
    // it is the same alert
    expect(renewed?.labels).toEqual(world.posted[0]?.labels);
  });

  test('it is renewed once a minute while it is open, and resolved when it is answered', async () => {
    await bench.take([{ labels: odd }]);
    await lookFor(5 * minute);
    expect(world.posted.length).toBeGreaterThanOrEqual(5);
    expect(world.posted.length).toBeLessThanOrEqual(7);
    const [first] = world.posted;
    const before = world.posted.length;
    await acknowledge();
    await lookFor(10_000);
    expect(world.posted).toHaveLength(before + 1);
    const last = world.posted.at(-1);
    expect(last?.labels).toEqual(first?.labels);
    expect(last?.endsAtMs).toBeLessThanOrEqual(bench.clock.now());
    await lookFor(5 * minute);
    expect(world.posted).toHaveLength(before + 1);
  });

  test('it is resolved when the policy goes back to fallback', async () => {
    await bench.take([{ labels: odd }]);
    await lookFor(5_000);
    mode = 'fallback';
    await lookFor(5_000);
    expect(world.posted).toHaveLength(2);
    expect(world.posted[1]?.endsAtMs).toBeLessThanOrEqual(bench.clock.now());
  });

  test('it waits for the end of the alert that says that Slack did not take it', async () => {
    await bench.take([{ labels: odd }]);
    const { keys, redis } = bench.ledger;
    await redis.sadd(keys.ownAlerts, await open());
    await lookFor(minute);
    expect(world.posted).toEqual([]);
    await redis.del(keys.ownAlerts);
    await lookFor(5_000);
    expect(world.posted).toHaveLength(1);
  });

  test('it is posted in a later turn where Alertmanager was away, and resolved there too', async () => {
    const { post } = world.cluster;
    const away = async () => {
      throw new Error('no Alertmanager');
    };
    world.cluster.post = away;
    await bench.take([{ labels: odd }]);
    await lookFor(minute);
    world.cluster.post = post;
    await lookFor(5_000);
    expect(world.posted).toHaveLength(1);
    world.cluster.post = away;
    await acknowledge();
    await lookFor(minute);
    world.cluster.post = post;
    await lookFor(5_000);
    expect(world.posted).toHaveLength(2);
  });
});

test('with fallback nothing is posted', async () => {
  mode = 'fallback';
  await bench.take([{ labels: odd }]);
  await lookFor(10 * minute);
  expect(world.posted).toEqual([]);
});

test('a real Alertmanager delivers it to a webhook, and that it is resolved; we do not take it in', async () => {
  const received: ReturnType<typeof parseNotification>[] = [];
  const people = createServer(async (request, response) => {
    received.push(parseNotification(JSON.parse(await text(request))));
    response.end();
  });
  await new Promise<void>((listening) => people.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void people.close());
  const { port } = people.address() as AddressInfo;
  const server = await startAlertmanager({
    config: {
      route: {
        receiver: 'others',
        routes: [
          {
            receiver: 'people',
            matchers: ['alertname = "JidokaEscalation"'],
            group_by: ['escalation'],
            group_wait: '0s',
            group_interval: '1s',
          },
        ],
      },
      receivers: [
        { name: 'others' },
        { name: 'people', webhook_configs: [{ url: `http://127.0.0.1:${port}/` }] },
      ],
    },
  });
  onTestFinished(() => server.stop());
  const members = [createAlertmanager({ url: server.url, timeoutMs: 5_000 })];
  // the real Alertmanager has the real time
  bench.clock.advance(systemClock.now() - bench.clock.now());
  notify = notifier(createAlertmanagerCluster({ members, receiver: undefined }));
  await bench.take([{ labels: odd }]);
  await notify();
  const statuses = async () => received.map(({ status }) => status);
  await eventually('it is delivered', statuses, (seen) => seen.includes('firing'));
  const id = await open();
  const [alert] = received[0]?.alerts ?? [];
  expect(alert).toMatchObject({
    labels: { alertname: 'JidokaEscalation', severity: 'warning', escalation: id },
    annotations: { answer: `https://jidoka.example.com/escalations/${id}` },
  });
  expect(isOwnAlert((alert as { labels: Record<string, string> }).labels)).toBe(true);

  await acknowledge();
  bench.clock.advance(6_000);
  await notify();
  await eventually('it is resolved', statuses, (seen) => seen.includes('resolved'));

  const before = (await bench.escalations()).length;
  for (const notification of received) {
    await bench.engine.take({
      source: 'alertmanager',
      receivedAtMs: bench.clock.now(),
      notification,
    });
  }
  await bench.settle();
  expect((await bench.escalations()).length).toBe(before);
  expect(await bench.runs()).toEqual([]);
});
