import { expect, test } from 'vitest';
import { createMonitoringPublisher } from '../../src/engine/monitoring/publish-monitoring.js';
import type { UnreadableTarget } from '../../src/integrations/contract/connected.js';
import type { Ledger } from '../../src/ledger/ledger.js';
import { createLogger } from '../../src/lib/logger.js';
import { createMetrics } from '../../src/lib/metrics.js';
import type { DescribedWorld, Labels } from '../../src/monitoring/described-service.js';
import { noAutomation } from '../../src/monitoring/described-service.js';
import { loadShortcuts } from '../../src/monitoring/shortcuts.js';
import { untilPasses } from '../support/eventually.js';
import { startReceiver } from '../support/receiver.js';

/* What workers record for Prometheus, and what a receiver gives out, on a real Redis. */

const world = (labels: Labels): DescribedWorld => ({
  services: [
    { id: 'a', name: 'web', replicas: 1, labels, containerLabels: {}, automation: noAutomation },
  ],
  tasks: [
    {
      ...{ id: 't', serviceId: 'a', nodeId: 'n', ports: [] },
      networks: [{ name: 'net', address: '10.0.0.1' }],
    },
  ],
  nodes: [{ id: 'n', name: 'node-1', address: '192.0.2.1', labels: {} }],
});
const labels = { 'jidoka.scrape.port': '80', 'jidoka.alert.Slow.if': 'latency > 1' };

function worker(ledger: Ledger) {
  const metrics = createMetrics();
  const reported: UnreadableTarget[] = [];
  const publisher = createMonitoringPublisher({
    ...{ ledger, metrics, shortcuts: loadShortcuts(undefined) },
    targets: { network: undefined, nodeLabels: [] },
    prometheuses: [],
    report: async (one) => void reported.push(one),
    clock: { now: () => Date.now() },
    log: createLogger('silent'),
  });
  const invalid = async () =>
    (await metrics.registry.metrics())
      .split('\n')
      .filter((line) => line.startsWith('jidoka_service_monitoring_invalid'));
  return { ...publisher, reported, invalid };
}

function receiver() {
  const started = startReceiver({ viewerToken: 'view' });
  const get = async (path: string, headers: Record<string, string> = {}) => {
    const answer = await started.receiver.request(`/prometheus/${path}`, {
      headers: { authorization: 'Bearer view', ...headers },
    });
    return { status: answer.status, etag: answer.headers.get('etag'), text: await answer.text() };
  };
  const refuse = (rules: unknown) =>
    started.receiver.request('/prometheus/refused', {
      method: 'POST',
      headers: { authorization: 'Bearer view', 'content-type': 'application/json' },
      body: JSON.stringify({ rules }),
    });
  return { ...started, get, refuse };
}

/** The targets in the list, which has empty places at its end. */
async function targets(get: (path: string) => Promise<{ readonly text: string }>) {
  const list = JSON.parse((await get('targets')).text) as { targets: string[] }[];
  return list.filter(({ targets }) => targets.length > 0);
}

test('rules and targets are 503 until a worker has read the services, and never an empty list', async () => {
  const { ledger, get } = receiver();
  expect((await get('rules')).status).toBe(503);
  expect((await get('targets')).status).toBe(503);
  const { take } = worker(ledger);
  take(null);
  expect((await get('targets')).status).toBe(503);
  take(world(labels));
  await untilPasses(async () => expect((await get('rules')).status).toBe(200));
  expect(await targets(get)).toEqual([
    { targets: ['10.0.0.1:80'], labels: { job: 'web', service: 'web', node: 'node-1' } },
  ]);
});

test('a rule file has a tag, and is not sent again while it is the same', async () => {
  const { ledger, get } = receiver();
  const { take } = worker(ledger);
  take(world(labels));
  await untilPasses(async () => expect((await get('rules')).status).toBe(200));
  const first = await get('rules');
  expect(first.text).toContain('- alert: "Slow"');
  const again = await get('rules', { 'if-none-match': first.etag ?? '' });
  expect(again).toMatchObject({ status: 304, text: '' });

  take(world({ ...labels, 'jidoka.alert.Slow.if': 'latency > 2' }));
  await untilPasses(async () => {
    const now = await get('rules', { 'if-none-match': first.etag ?? '' });
    expect(now.status).toBe(200);
    expect(now.text).toContain('latency > 2');
  });
  take(world({}));
  await untilPasses(async () => expect((await get('rules')).text).toBe('groups: []\n'));
  expect(await targets(get)).toEqual([]);
  // a shorter list would leave targets in a Prometheus that is reloaded at the same time
  expect(JSON.parse((await get('targets')).text)).toHaveLength(64);
});

test('what no worker keeps up is 503, and another worker replaces it', async () => {
  const { ledger, redis, get } = receiver();
  const gone = worker(ledger);
  const other = worker(ledger);
  gone.take(world(labels));
  await gone.look();
  other.take(world({ ...labels, 'jidoka.alert.Slow.if': 'latency > 9' }));
  await other.look();
  expect((await get('rules')).text).toContain('latency > 9');
  // the other recorded last: the first, which may lag, leaves it
  await gone.look();
  expect((await get('rules')).text).toContain('latency > 9');
  other.take(null);
  await other.look();
  // as after the time that it is kept
  await redis.del(ledger.keys.prometheusFresh);
  expect((await get('targets')).status).toBe(503);
  await gone.look();
  expect((await get('rules')).text).toContain('latency > 1');
});

test('what is wrong is told once a service, counted while it is so, and stops nothing else', async () => {
  const { ledger, get } = receiver();
  const { take, reported, invalid } = worker(ledger);
  const wrong = world({ ...labels, 'jidoka.alert.Bad.if': 'rate(sum(x))' });
  take(wrong);
  take(wrong);
  expect(await invalid()).toEqual(['jidoka_service_monitoring_invalid{service="web"} 1']);
  expect(reported).toHaveLength(1);
  expect(reported[0]).toMatchObject({
    target: { id: 'swarm.service/a', name: 'web' },
    title: 'Monitoring labels of service web not valid',
    detail: expect.stringContaining('jidoka.alert.Bad: rate expects a range vector'),
  });
  await untilPasses(async () => expect((await get('rules')).text).toContain('"Slow"'));
  expect((await get('rules')).text).not.toContain('"Bad"');
  take(world(labels));
  expect(await invalid()).toEqual([]);
});

test('rules that Prometheus refuses are told to their service, as a viewer reports them', async () => {
  const { ledger, refuse } = receiver();
  const { take, look, reported, invalid } = worker(ledger);
  take(world(labels));
  const rule = { service: 'web', alert: 'Slow', error: 'bad template' };
  expect((await refuse([rule, { ...rule, alert: 'Unknown' }])).status).toBe(200);
  await look();
  expect(reported.map(({ detail }) => detail)).toEqual([
    expect.stringMatching(/^Prometheus refuses the rule Slow: bad template\./),
  ]);
  expect(await invalid()).toHaveLength(1);
  expect((await refuse([])).status).toBe(200);
  await look();
  expect(await invalid()).toEqual([]);
  expect((await refuse('all')).status).toBe(400);
});

test('neither address answers without a token', async () => {
  const { receiver: site } = receiver();
  for (const path of ['rules', 'targets']) {
    expect((await site.request(`/prometheus/${path}`)).status).toBe(401);
  }
});
