import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { documentBlock } from '../support/document.js';
import { eventually } from '../support/eventually.js';
import { type Jidoka, startJidoka } from '../support/jidoka.js';
import { startAlertmanager } from '../support/parts/alertmanager.js';
import { dockerClient, startService, type TestService } from '../support/parts/docker.js';
import { startPrometheus } from '../support/parts/prometheus.js';
import { usePart } from '../support/parts.js';

/*
 * The README's example from end to end, on real parts: a rule of a real Prometheus fires, a real
 * Alertmanager with the README's receiver posts, and the replicas of a service of a real Swarm change.
 */

const token = randomUUID();
const undo: (() => Promise<unknown>)[] = [];
let latencySeconds = 0.5;
let alertmanagerUrl: string;
let service: TestService;
let jidoka: Jidoka;

interface Runs {
  readonly items: readonly {
    readonly origin: { readonly playbook: string };
    readonly state: string;
    readonly outcome: { readonly kind: string; readonly reason: string } | null;
  }[];
}

beforeAll(async () => {
  service = await startService({
    name: `shop-${randomUUID().slice(0, 8)}`,
    replicas: 1,
    labels: { 'com.df.scaleMin': '1', 'com.df.scaleMax': '5' },
  });
  undo.push(() => service.remove());

  jidoka = await startJidoka({
    REDIS_URL: usePart('redis').url,
    JIDOKA_CELL: `acceptance-${randomUUID()}`,
    DOCKER_HOST: usePart('docker').dockerHost,
    JIDOKA_PLAYBOOKS: await playbooks(),
    JIDOKA_WEBHOOK_TOKEN: token,
    JIDOKA_ADMIN_TOKEN: 'admin',
    JIDOKA_LISTEN: '127.0.0.1',
  });
  undo.push(() => jidoka.stop());

  const alertmanager = await startAlertmanager({ config: await alertmanagerConfig(jidoka.url) });
  undo.push(alertmanager.stop);
  alertmanagerUrl = alertmanager.url;
  const metrics = await startMetrics();
  const rule = (alert: string, expr: string, labels: Record<string, string>) => ({
    alert,
    expr,
    labels: { service: service.name, ...labels },
    annotations: { summary: `${service.name} has a latency of {{ $value }} s` },
  });
  const prometheus = await startPrometheus({
    rules: [
      rule('ServiceSlow', 'shop_latency_seconds > 1', { severity: 'warning' }),
      rule('ServiceIdle', 'shop_latency_seconds < 0.1', { scale: 'down' }),
    ],
    alertmanagerUrl: alertmanager.url,
    scrape: { shop: metrics },
    evaluationIntervalMs: 500,
  });
  undo.push(prometheus.stop);
});

afterAll(async () => {
  for (const step of undo.reverse()) await step();
});

test('a slow service gets a second replica, and gives it back when it is idle', async () => {
  expect(await replicas()).toBe(1);

  latencySeconds = 2;
  await eventually('the service has 2 replicas', replicas, (count) => count === 2);
  await eventually(
    '2 tasks run',
    () => service.running(),
    (count) => count === 2,
  );
  latencySeconds = 0.5;
  const up = await eventually('the run has ended', lastRun, (run) => run?.state === 'ended');
  expect(up).toMatchObject({
    origin: { playbook: 'scale-slow-service' },
    outcome: { kind: 'done', reason: 'resolved' },
  });
  expect(await replicas()).toBe(2);

  latencySeconds = 0.01;
  await eventually('the service has 1 replica', replicas, (count) => count === 1);
  latencySeconds = 0.5;
  const down = await eventually(
    'the second run has ended',
    lastRun,
    (run) => run?.origin.playbook === 'scale-service-down' && run.state === 'ended',
  );
  expect(down?.outcome).toMatchObject({ kind: 'done' });
  expect(await replicas()).toBe(1);
  expect((await jidoka.api<Runs>('runs')).items).toHaveLength(2);
});

test('an alert that is made up with amtool does the same, as the README has it tried', async () => {
  const command = documentBlock('README.md', 'sh', 'amtool alert add')
    .replace('shop_web', service.name)
    .replace('http://127.0.0.1:9093', alertmanagerUrl);
  const [, ...args] = command.trim().split(/\s+/);
  await promisify(execFile)(usePart('alertmanager').amtool, args);
  await eventually('the service has 2 replicas', replicas, (count) => count === 2);
});

async function replicas(): Promise<number | undefined> {
  const spec = await dockerClient().getService(service.id).inspect();
  return spec.Spec.Mode.Replicated.Replicas;
}

async function lastRun() {
  return (await jidoka.api<Runs>('runs')).items[0];
}

/** The shipped playbooks and the README's, with cooldowns that a test can wait for. */
async function playbooks(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'jidoka-playbooks-'));
  undo.push(() => rm(dir, { recursive: true }));
  await cp('playbooks', dir, { recursive: true });
  await writeFile(join(dir, 'slow.yaml'), documentBlock('README.md', 'yaml', 'scale-slow-service'));
  for (const file of await readdir(dir)) {
    const text = await readFile(join(dir, file), 'utf8');
    await writeFile(join(dir, file), text.replace(/cooldown: \w+/, 'cooldown: 3s'));
  }
  return dir;
}

/** The README's receiver and route, with the address and the token of this engine and without waiting. */
async function alertmanagerConfig(url: string) {
  const file = join(await mkdtemp(join(tmpdir(), 'jidoka-token-')), 'jidoka.token');
  undo.push(() => rm(dirname(file), { recursive: true }));
  await writeFile(file, token);
  const text = documentBlock('README.md', 'yaml', 'webhook_configs')
    .replace('http://jidoka.example.com:9095', url)
    .replace('/etc/alertmanager/jidoka.token', file);
  const config = parse(text);
  return {
    ...config,
    route: { ...config.route, group_wait: '0s', group_interval: '1s', repeat_interval: '5s' },
  };
}

async function startMetrics(): Promise<string> {
  const server: Server = createServer((_, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(`shop_latency_seconds ${latencySeconds}\n`);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  undo.push(async () => server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
