import { expect, test } from 'vitest';
import type { Alertmanager } from '../../../../src/alertmanager/alertmanager.js';
import type { Explanation, Forecast } from '../../../../src/engine/explain/explanation.js';
import { createProver, type ProverParts } from '../../../../src/engine/proof/prove.js';
import type { MonitoredService } from '../../../../src/monitoring/compose.js';
import { noAutomation } from '../../../../src/monitoring/described-service.js';
import type { LoadedRule, ScrapedTarget } from '../../../../src/prometheus/monitoring-answer.js';
import type { Prometheus } from '../../../../src/prometheus/prometheus.js';

const service: MonitoredService = {
  ...{ id: 'a', name: 'web', replicas: 2, automation: noAutomation, faults: [] },
  scrape: {
    ...{ port: 80, path: undefined, interval: undefined, timeout: undefined },
    ...{ scheme: undefined, network: undefined },
  },
  targets: ['10.0.0.1:80', '10.0.0.2:80'],
  rules: [
    {
      alert: 'Slow',
      expr: 'latency > 1',
      for: undefined,
      labels: { scale: 'up', service: 'web' },
      annotations: {},
    },
  ],
};

const up = (address: string): ScrapedTarget => ({
  ...{ labels: { service: 'web' }, address, health: 'up', lastError: '' },
});
const loaded: LoadedRule = {
  ...{ group: 'web', name: 'Slow', labels: {}, health: 'ok', lastError: '', alerts: [] },
};

function prometheusOf(patch: Partial<Prometheus> = {}): Prometheus {
  return {
    name: 'prometheus',
    targets: async () => service.targets.map(up),
    loadedRules: async () => [loaded],
    sending: async () => ({ alertmanagers: 1, externalLabels: {}, relabels: false }),
    ...patch,
  } as Prometheus;
}

const config = (route: string, url = 'http://jidoka:9095/webhooks/alertmanager') => `
route:
${route.replaceAll(/^/gm, '  ')}
receivers:
  - name: jidoka
    webhook_configs: [{ url: "${url}" }]
  - name: nobody
`;

function alertmanagerOf(text: string | null): Alertmanager {
  const status = async () => ({ version: '0.28', startedAtMs: 0, config: text });
  return { name: 'alertmanager', status } as unknown as Alertmanager;
}

const forecast: Forecast = {
  ...{ playbook: 'scale-up', shadow: false, fate: 'run', reason: 'matched', detail: '' },
  ...{ againAtMs: null, runId: null, heldBy: [] },
  steps: [
    {
      ...{ action: 'swarm.scale', params: {}, target: 'web', unit: 'replicas', from: 2 },
      ...{ operations: [], detail: '' },
    },
  ],
};

const explained = (forecasts: readonly Forecast[]): Explanation =>
  ({
    own: null,
    forecasts,
    playbooks: [{ playbook: 'scale-up', mode: 'auto', standing: 'takes', clauses: [] }],
  }) as unknown as Explanation;

async function chain(parts: Partial<ProverParts> = {}, of: Partial<MonitoredService> = {}) {
  const prove = createProver({
    prometheuses: [prometheusOf()],
    alertmanagers: [alertmanagerOf(config('receiver: jidoka'))],
    receiver: undefined,
    explain: async ({ alerts }) => alerts.map(() => explained([forecast])),
    clock: { now: () => 0 },
    ...parts,
  });
  const [[proof] = []] = await prove([{ ...service, ...of }], []);
  return Object.fromEntries(
    (proof?.links ?? []).map(({ name, state, detail }) => [name, `${state}: ${detail}`]),
  );
}

test('every link of a whole chain is a yes', async () => {
  expect(await chain()).toEqual({
    scrape: 'yes: 2 targets up',
    rule: 'yes: loaded, no errors',
    route: 'yes: receiver jidoka',
    playbook: 'yes: scale-up',
    target: 'yes: web',
    mode: 'yes: auto',
  });
});

test('a target that is down, or not scraped, is named', async () => {
  const down = { ...up('10.0.0.1:80'), health: 'down' as const, lastError: 'connection refused' };
  const targets = async () => [down, up('10.0.0.2:80')];
  const { scrape } = await chain({ prometheuses: [prometheusOf({ targets })] });
  expect(scrape).toBe('no: 10.0.0.1:80 is down: connection refused');

  const one = async () => [up('10.0.0.1:80')];
  const few = await chain({ prometheuses: [prometheusOf({ targets: one })] });
  expect(few.scrape).toContain('no: Prometheus scrapes 1 of 2 tasks');

  expect((await chain({}, { targets: [] })).scrape).toBe('no: none of its tasks is running');
  expect((await chain({}, { targets: [], replicas: 0 })).scrape).toContain('not_checked');
  expect((await chain({}, { scrape: undefined })).scrape).toContain('not_checked');
  const faults = [{ about: 'scrape', detail: 'label x' }];
  expect((await chain({}, { faults })).scrape).toBe('no: label x');
});

test('a rule that is not loaded, or fails, is a no', async () => {
  const with_ = (rules: readonly LoadedRule[]) =>
    chain({ prometheuses: [prometheusOf({ loadedRules: async () => rules })] });
  expect((await with_([])).rule).toContain('no: Prometheus has not loaded the rule');
  expect((await with_([{ ...loaded, group: 'web_api' }])).rule).toContain('no: ');
  const broken = { ...loaded, health: 'err' as const, lastError: 'many-to-many' };
  expect((await with_([broken])).rule).toBe('no: the rule fails: many-to-many');
  expect((await with_([{ ...loaded, health: 'unknown' }])).rule).toContain('not_checked');
});

test('a Prometheus that does not answer is not checked, and never a no', async () => {
  const away = () => Promise.reject(new Error('Prometheus: no answer within 4000 ms'));
  const gone = prometheusOf({ targets: away, loadedRules: away, sending: away });
  const { scrape, rule, route, playbook } = await chain({ prometheuses: [gone] });
  expect([scrape, rule]).toEqual([
    'not_checked: Prometheus: no answer within 4000 ms',
    'not_checked: Prometheus: no answer within 4000 ms',
  ]);
  expect([route, playbook]).toEqual(['yes: receiver jidoka', 'yes: scale-up']);
  // one of two that knows the rule suffices; the other may have another part
  expect((await chain({ prometheuses: [gone, prometheusOf()] })).rule).toContain('yes');
  const empty = prometheusOf({ loadedRules: async () => [] });
  expect((await chain({ prometheuses: [gone, empty] })).rule).toContain('not_checked');
  expect((await chain({ prometheuses: [] })).rule).toBe('not_checked: PROMETHEUS_URL is not set');
});

test('the route is walked with matchers and continue, with external labels, to the receiver that is ours', async () => {
  const routed = async (route: string, parts: Partial<ProverParts> = {}) =>
    (await chain({ alertmanagers: [alertmanagerOf(config(route))], ...parts })).route;
  const elsewhere = 'receiver: nobody\nroutes:\n';
  expect(await routed('receiver: nobody')).toContain('no: Alertmanager routes the alert to nobody');
  expect(await routed(`${elsewhere}  - { receiver: jidoka, matchers: [scale=~"up|down"] }`)).toBe(
    'yes: receiver jidoka',
  );
  const first = `${elsewhere}  - { receiver: nobody, matchers: [service="web"] }\n  - { receiver: jidoka }`;
  expect(await routed(first)).toContain('no: ');
  const going = first
    .replace('["web"]', '')
    .replace('service="web"]', 'service="web"], continue: true');
  expect(await routed(going)).toBe('yes: receiver jidoka');

  const byCluster = `${elsewhere}  - { receiver: jidoka, matchers: [cluster="eu"] }`;
  expect(await routed(byCluster)).toContain('no: ');
  const sending = async () => ({
    ...{ alertmanagers: 1, externalLabels: { cluster: 'eu' }, relabels: false },
  });
  expect(await routed(byCluster, { prometheuses: [prometheusOf({ sending })] })).toContain('yes');
});

test('a hidden address is ours by its name, and is not checked without one', async () => {
  const alertmanagers = [alertmanagerOf(config('receiver: jidoka', '<secret>'))];
  expect((await chain({ alertmanagers })).route).toContain('not_checked: ');
  expect((await chain({ alertmanagers, receiver: 'jidoka' })).route).toBe('yes: receiver jidoka');
  expect((await chain({ alertmanagers, receiver: 'other' })).route).toContain('no: ');
  expect((await chain({ alertmanagers: [alertmanagerOf(null)] })).route).toContain('not_checked');
  const sending = async () => ({ alertmanagers: 0, externalLabels: {}, relabels: false });
  expect((await chain({ prometheuses: [prometheusOf({ sending })] })).route).toContain(
    'no: Prometheus sends its alerts to no Alertmanager',
  );
});

test('the playbook is tried with the alerts that the rule has now, else with the labels of the rule', async () => {
  const tried: unknown[] = [];
  const explain: ProverParts['explain'] = async ({ alerts }) => {
    tried.push(...alerts.map(({ labels }) => labels));
    return alerts.map(() => explained([forecast]));
  };
  await chain({ explain });
  expect(tried).toEqual([{ alertname: 'Slow', scale: 'up', service: 'web' }]);

  tried.length = 0;
  const alerts = Array.from({ length: 9 }, (_, index) => ({ alertname: 'Slow', pod: `${index}` }));
  const loadedRules = async () => [{ ...loaded, alerts }];
  await chain({ explain, prometheuses: [prometheusOf({ loadedRules })] });
  expect(tried).toEqual(alerts.slice(0, 3));
});

test('what the engine would do tells the playbook, the target and the mode', async () => {
  const of = (forecasts: readonly Forecast[]) =>
    chain({ explain: async ({ alerts }) => alerts.map(() => explained(forecasts)) });
  const nobody = await of([{ ...forecast, playbook: null, fate: 'escalated', reason: 'no_match' }]);
  expect(nobody.playbook).toBe('no: no playbook matches, and none is a near miss');
  expect(nobody.mode).toBe('not_checked: no playbook takes the alert');

  const boundless = { ...forecast, fate: 'escalated', reason: 'no_bounds', detail: 'no maximum' };
  const unbound = await of([{ ...boundless, steps: [] } as Forecast]);
  expect([unbound.playbook, unbound.target]).toEqual(['yes: scale-up', 'no: no maximum']);

  expect((await of([{ ...forecast, shadow: true }])).mode).toContain(
    'no: scale-up is in mode shadow',
  );
  expect((await of([{ ...forecast, fate: 'ask' }])).mode).toBe('yes: a person approves');
  const held = { ...forecast, fate: 'held', reason: 'paused', detail: 'ada paused it' } as const;
  expect((await of([held])).mode).toBe('yes: auto; deferred now: ada paused it');
  const away = { ...forecast, fate: 'held', reason: 'target_unavailable', detail: 'no Docker' };
  expect((await of([away as Forecast])).target).toBe('not_checked: no Docker');

  const failing = await chain({ explain: () => Promise.reject(new Error('a receiver only')) });
  expect(failing.playbook).toBe('not_checked: a receiver only');
});
