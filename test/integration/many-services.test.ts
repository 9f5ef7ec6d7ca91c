import { randomUUID } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { createMonitoringPublisher } from '../../src/engine/monitoring/publish-monitoring.js';
import { connectSwarm } from '../../src/integrations/swarm/connect.js';
import { createLedger } from '../../src/ledger/ledger.js';
import { readPrometheusFile } from '../../src/ledger/prometheus-files.js';
import { createTargetHistory } from '../../src/ledger/target-history.js';
import { createLogger } from '../../src/lib/logger.js';
import { createMetrics } from '../../src/lib/metrics.js';
import { createComposer } from '../../src/monitoring/compose.js';
import { type DescribedWorld, noAutomation } from '../../src/monitoring/described-service.js';
import { loadShortcuts } from '../../src/monitoring/shortcuts.js';
import { createSwarmSim, type SwarmSim } from '../../src/sim/swarm.js';
import { untilPasses } from '../support/eventually.js';
import { usePart } from '../support/parts.js';

/* 500 services with 5 alerts each, on a simulated Swarm that tells its events. */

const count = 500;
const alertsEach = 5;

const labelsOf = (limit: number) => ({
  'jidoka.scrape.port': '8080',
  ...Object.fromEntries(
    Array.from({ length: alertsEach }, (_, index) => [
      `jidoka.alert.A${index}.if`,
      `sum(rate(requests_total{code=~"5..",path="/${index}"}[5m])) > ${limit}`,
    ]),
  ),
});

/** Stands before a simulated Swarm: counts requests, tells events, and gives tasks an address. */
async function startFront(sim: SwarmSim) {
  const requests: string[] = [];
  const listeners = new Set<ServerResponse>();
  const server = createServer(async (request, answer) => {
    const url = request.url ?? '';
    if (/\/events\?/.test(url)) {
      answer.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
      listeners.add(answer);
      answer.on('close', () => listeners.delete(answer));
      return;
    }
    const path = url.replace(/^\/v[\d.]+/, '');
    requests.push(path);
    const found = await fetch(sim.url() + url);
    const text = await found.text();
    answer.writeHead(found.status, { 'content-type': 'application/json' });
    answer.end(path.startsWith('/tasks') ? withAddresses(text) : text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    dockerHost: `tcp://127.0.0.1:${port}`,
    requests,
    isHeard: () => listeners.size > 0,
    tell(id: string) {
      const event = { Type: 'service', Action: 'update', Actor: { ID: id } };
      for (const one of listeners) one.write(`${JSON.stringify(event)}\n`);
    },
  };
}

function withAddresses(text: string): string {
  const tasks = JSON.parse(text) as Record<string, unknown>[];
  return JSON.stringify(
    tasks.map((task, index) => ({
      ...task,
      NetworksAttachments: [
        {
          Network: { Spec: { Name: 'monitoring' } },
          Addresses: [`10.0.${Math.floor(index / 250)}.${(index % 250) + 1}/24`],
        },
      ],
    })),
  );
}

test('a change of one of 500 services is recorded by reading that service alone', async () => {
  const sim = createSwarmSim();
  await sim.start();
  onTestFinished(() => sim.stop());
  const ids = Array.from({ length: count }, (_, index) =>
    sim.addService({ name: `s${index}`, labels: labelsOf(10) }),
  );
  const front = await startFront(sim);
  const redis = new Redis(usePart('redis').url);
  const ledger = createLedger({ redis, cell: `many-${randomUUID()}` });
  const log = createLogger('silent');
  const clock = { now: () => Date.now() };
  const metrics = createMetrics();
  const publisher = createMonitoringPublisher({
    ...{ ledger, metrics, clock, log, shortcuts: loadShortcuts(undefined) },
    targets: { network: 'monitoring', nodeLabels: [] },
    prometheuses: [],
    report: async ({ detail }) => expect.fail(detail),
  });
  const { dockerHost } = front;
  const history = createTargetHistory({ ledger, clock });
  const options = { timeoutMs: 20_000, secrets: () => [], history };
  const connected = connectSwarm({ dockerHost }, options);
  const watch = connected.watch?.({
    ...{ metrics, clock, log, history, describe: publisher.take },
    report: async () => {},
    isOver: async () => undefined,
  });
  onTestFinished(async () => {
    await watch?.stop?.();
    await redis.del(...(await redis.keys(`{${ledger.keys.announced.slice(1).split('}')[0]}}:*`)));
    redis.disconnect();
  });
  const text = async (file: 'rules' | 'targets') =>
    (await readPrometheusFile(ledger, file))?.text ?? '';
  const rules = async (limit: number) =>
    (await text('rules')).split('\n').filter((line) => line.endsWith(`> ${limit}"`)).length;
  const targets = async () =>
    (JSON.parse((await text('targets')) || '[]') as { targets: string[] }[]).filter(
      ({ targets }) => targets.length > 0,
    ).length;

  await untilPasses(async () => {
    expect(await rules(10)).toBe(count * alertsEach);
    expect(await targets()).toBe(count);
    expect(front.isHeard()).toBe(true);
  });
  const fullReads = () =>
    front.requests.filter((path) => path === '/services' || isFullTaskRead(path)).length;
  const first = fullReads();
  expect(first).toBeLessThanOrEqual(2);
  const before = front.requests.length;

  sim.changeService('s77', { labels: labelsOf(99) });
  front.tell(ids[77] ?? '');
  await untilPasses(async () => expect(await rules(99)).toBe(alertsEach));
  expect(await rules(10)).toBe((count - 1) * alertsEach);
  const after = front.requests.slice(before);
  expect(after.filter((path) => path.startsWith('/services'))).toEqual([`/services/${ids[77]}`]);
  expect(fullReads()).toBe(first);

  sim.removeService('s78');
  front.tell(ids[78] ?? '');
  await untilPasses(async () => {
    expect(await rules(10)).toBe((count - 2) * alertsEach);
    expect(await targets()).toBe(count - 1);
  });
  expect(fullReads()).toBe(first);
});

/** Whether all tasks were read, and not those of some services. */
function isFullTaskRead(path: string): boolean {
  return path.startsWith('/tasks?') && !decodeURIComponent(path).includes('"service"');
}

test('rules are made again for what has changed, and for nothing else', () => {
  const compose = createComposer(loadShortcuts(undefined), {
    network: 'monitoring',
    nodeLabels: [],
  });
  const world = (changed: number): DescribedWorld => ({
    services: Array.from({ length: count }, (_, index) => ({
      ...{ id: `id${index}`, name: `s${index}`, replicas: 1, containerLabels: {} },
      labels: labelsOf(index === changed ? 99 : 10),
      automation: noAutomation,
    })),
    tasks: [],
    nodes: [],
  });
  const before = new Map(compose(world(-1)).services.map((one) => [one.name, one.rules]));
  const after = compose(world(77)).services;
  const made = after.filter(({ name, rules }) => before.get(name) !== rules);
  expect(made.map(({ name }) => name)).toEqual(['s77']);
});
