import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { retentionMs } from '../../src/ledger/codec.js';
import { isThere, type MetricEvidence } from '../../src/ledger/evidence.js';
import { eventually } from '../support/eventually.js';
import { startEvidence } from '../support/evidence.js';
import { type HttpServer, startHttpServer } from '../support/http-server.js';
import { startPrometheus } from '../support/parts/prometheus.js';

/* What a person is shown about an alert, on a real Prometheus and a real Redis. */

const shop = { latency: 0.7 };
let exporter: HttpServer;
let prometheus: Awaited<ReturnType<typeof startPrometheus>>;
beforeAll(async () => {
  exporter = await startHttpServer();
  exporter.answer = (_, reply) => {
    shop.latency += 0.01;
    const lines = ['web', 'api'].map((service, index) => {
      return `shop_latency_seconds{service="${service}"} ${shop.latency + index}`;
    });
    reply(200, `${lines.join('\n')}\nshop_limit_seconds{service="web"} 0.6\n`, {
      'content-type': 'text/plain',
    });
  };
  prometheus = await startPrometheus({
    rules: [
      { alert: 'Slow', expr: '0.5 < shop_latency_seconds', labels: { severity: 'page' } },
      { alert: 'Slower', expr: 'shop_latency_seconds > on (service) shop_limit_seconds' },
    ],
    alertmanagerUrl: 'http://127.0.0.1:9',
    scrape: { shop: new URL(exporter.origin).host },
    evaluationIntervalMs: 1_000,
  });
  await eventually('the alerts fire', firing, (names) => names.length === 3);
}, 90_000);
afterAll(async () => {
  await prometheus.stop();
  await exporter.stop();
});

async function ask<T>(path: string): Promise<T> {
  const answer = await fetch(`${prometheus.url}/api/v1/${path}`);
  return ((await answer.json()) as { data: T }).data;
}

interface Firing {
  readonly labels: Readonly<Record<string, string>>;
  readonly state: string;
}

async function firing(): Promise<readonly string[]> {
  const { alerts } = await ask<{ alerts: readonly Firing[] }>('alerts');
  return alerts
    .filter(({ state }) => state === 'firing')
    .map(({ labels }) => labels.alertname ?? '');
}

let bench: ReturnType<typeof startEvidence>;
afterEach(() => bench.stop());

/** The labels of the alert about a service, as Prometheus sends them. */
async function labelsOf(alertname: string, service: string) {
  const { alerts } = await ask<{ alerts: readonly Firing[] }>('alerts');
  const found = alerts.find(
    ({ labels }) => labels.alertname === alertname && labels.service === service,
  );
  if (found === undefined) throw new Error(`${alertname} of ${service} does not fire`);
  return found.labels;
}

async function metricOf(labels: Readonly<Record<string, string>>): Promise<MetricEvidence> {
  const { id } = await bench.escalate({ labels });
  const found = await bench.gather(id);
  if (found === null || !isThere(found.metric)) {
    throw new Error(`no metric: ${JSON.stringify(found?.metric)}`);
  }
  return found.metric;
}

test('the metric has the values of Prometheus’ own API, and the threshold of the rule', async () => {
  bench = startEvidence({ prometheusUrls: [prometheus.url] });
  // as Alertmanager's side adds labels
  const metric = await metricOf({ ...(await labelsOf('Slow', 'web')), cluster: 'eu' });
  expect(metric).toMatchObject({
    expression: 'shop_latency_seconds',
    threshold: { operator: '>', expression: '0.5', value: 0.5 },
    found: 1,
    notes: [],
  });
  const [series] = metric.series;
  expect(series?.labels).toMatchObject({ service: 'web', job: 'shop' });
  const { fromMs, stepMs } = metric;
  const toMs = fromMs + 239 * stepMs;
  const query = new URLSearchParams({
    query: 'shop_latency_seconds{service="web"}',
    start: String(fromMs / 1_000),
    end: String(toMs / 1_000),
    step: String(stepMs / 1_000),
  });
  const { result } = await ask<{ result: { values: [number, string][] }[] }>(
    `query_range?${query}`,
  );
  const known = new Map(
    result[0]?.values.map(([at, value]) => [Math.round(at * 1_000), Number(value)]),
  );
  expect(known.size).toBeGreaterThan(0);
  expect(series?.values).toEqual(
    Array.from({ length: 240 }, (_, step) => known.get(fromMs + step * stepMs) ?? null),
  );
});

test('a threshold that is a metric itself is a line, too', async () => {
  bench = startEvidence({ prometheusUrls: [prometheus.url] });
  const { threshold, series } = await metricOf(await labelsOf('Slower', 'web'));
  expect(series).toHaveLength(1);
  expect(threshold).toMatchObject({ operator: '>', expression: 'shop_limit_seconds' });
  expect(
    ((threshold?.value ?? []) as readonly (number | null)[]).filter((value) => value !== null),
  ).toContain(0.6);
});

test('where labels are missing, the possible series are shown, and that there are several is said', async () => {
  bench = startEvidence({ prometheusUrls: [prometheus.url] });
  const metric = await metricOf({ alertname: 'Slow', severity: 'page' });
  expect(metric.series.map(({ labels }) => labels.service).sort()).toEqual(['api', 'web']);
  expect(metric.notes).toEqual([
    expect.stringContaining('2 series may have the labels of the alert'),
  ]);
});

test('an expression that no rule has is not run, whatever the alert says', async () => {
  bench = startEvidence({ prometheusUrls: [prometheus.url] });
  const url = `${prometheus.url}/graph?g0.expr=shop_limit_seconds`;
  const labels = { alertname: 'Invented', service: 'web' };
  const { id } = await bench.escalate({ labels, links: [{ text: 'Source', url }] });
  expect(await bench.gather(id)).toMatchObject({
    metric: { missing: expect.stringContaining('has no alerting rule Invented with these labels') },
  });
});

test('each part that is missing says why', async () => {
  bench = startEvidence();
  const { id } = await bench.escalate({ labels: { alertname: 'Slow' } });
  expect(await bench.gather(id)).toMatchObject({
    headline: null,
    metric: { missing: 'Prometheus is not configured: set PROMETHEUS_URL.' },
    changes: { missing: 'The alert names no service and no group.' },
    tasks: { missing: 'The alert names no service of the Swarm.' },
    group: { missing: 'The alert names no Auto Scaling group.' },
    lastTime: { missing: expect.stringContaining('No earlier alert') },
    related: { alerts: [], total: 0 },
  });
});

test('a Prometheus that does not answer costs its own part alone', async () => {
  const hanging = await startHttpServer();
  hanging.answer = () => {};
  bench = startEvidence({ prometheusUrls: [hanging.origin] });
  const { id } = await bench.escalate();
  expect(await bench.gather(id)).toMatchObject({
    metric: { missing: expect.stringContaining('no answer within 1000 ms') },
    related: { total: 0 },
  });
  await hanging.stop();
});

test('evidence is kept no longer than its escalation, and gathered by one worker', async () => {
  bench = startEvidence();
  const { redis, ledger, store, gatherer } = bench;
  const { id } = await bench.escalate();
  await bench.gather(id);
  expect(await redis.pttl(ledger.keys.gathered(id))).toBeGreaterThan(retentionMs - 60_000);
  await redis.pexpire(ledger.keys.escalation(id), 60_000);
  await bench.gather(id);
  expect(await redis.pttl(ledger.keys.gathered(id))).toBeLessThanOrEqual(60_000);

  await store.want(id, Date.now());
  expect(await store.begin(id)).toBe(true);
  expect(await store.begin(id)).toBe(false);
  await redis.del(ledger.keys.gathering(id), ledger.keys.escalation(id), ledger.keys.gathered(id));
  await gatherer.look(`evidence:${id}`);
  expect(await redis.exists(ledger.keys.gathered(id))).toBe(0);
  expect(await store.begin(id)).toBe(false);
});

test('earlier alerts of the same name and service say what was done, and whether it helped', async () => {
  bench = startEvidence();
  const labels = { alertname: 'Slow', service: 'web' };
  const answer = { choiceId: 'ack', label: 'Acknowledge', by: 'ann', atMs: 1, runId: null };
  const earlier = await bench.escalate({ labels, state: 'answered', answer, createdAtMs: 1 });
  await bench.escalate({ labels: { ...labels, service: 'api' }, state: 'answered', answer });
  const { id } = await bench.escalate({ labels });
  expect(await bench.gather(id)).toMatchObject({
    lastTime: {
      precedents: [
        { id: earlier.id, kind: 'escalation', what: 'acknowledge', by: 'ann', result: 'none' },
      ],
    },
  });
});
