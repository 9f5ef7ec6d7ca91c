import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Readiness } from '../../src/api/health.js';
import { createLedger } from '../../src/ledger/ledger.js';
import { postAlerts, webhookAlert, webhookBody } from '../support/alerts.js';
import { eventually } from '../support/eventually.js';
import { type Jidoka, startJidoka } from '../support/jidoka.js';
import { dockerClient, startService, type TestService } from '../support/parts/docker.js';
import { makeDir } from '../support/parts/place.js';
import { usePart } from '../support/parts.js';

/*
 * The two halves as processes of their own (JIDOKA_ROLE) on one Redis, as on machines of their own: what
 * one takes in, the other does, whichever of them dies.
 */

const playbook = `
name: more
summary: Adds a replica.
match: alertname = "Slow"
mode: auto
steps:
  - swarm.scale: { service: "\${{ labels.service }}", by: 1, max: 9 }
guards: { cooldown: 0 }
`;

const cell = `roles-${randomUUID()}`;
const undo: (() => Promise<unknown>)[] = [];
let env: Record<string, string>;
/** One for each alert: whose alert comes later joins a run that is under way. */
let services: Readonly<Record<'a' | 'b' | 'c', TestService>>;
let receiver: Jidoka;
let worker: Jidoka;

beforeAll(async () => {
  const [a, b, c] = await Promise.all([startOne(), startOne(), startOne()]);
  services = { a, b, c };
  const folder = await makeDir('playbooks');
  await writeFile(join(folder, 'more.yaml'), playbook);
  env = {
    REDIS_URL: usePart('redis').url,
    JIDOKA_CELL: cell,
    JIDOKA_PLAYBOOKS: folder,
    JIDOKA_LISTEN: '127.0.0.1',
  };
  receiver = await startReceiver();
});

afterAll(async () => {
  for (const step of undo.reverse()) await step();
});

async function startRole(more: Record<string, string>): Promise<Jidoka> {
  const jidoka = await startJidoka({ ...env, ...more });
  undo.push(() => jidoka.stop());
  return jidoka;
}

// it needs nothing of what it does not do
const startReceiver = () => startRole({ JIDOKA_ROLE: 'receiver', DOCKER_HOST: 'unix:///nowhere' });
const startWorker = () =>
  startRole({ JIDOKA_ROLE: 'worker', DOCKER_HOST: usePart('docker').dockerHost });

async function startOne(): Promise<TestService> {
  const service = await startService({ name: `roles-${randomUUID().slice(0, 8)}`, replicas: 1 });
  undo.push(() => service.remove());
  return service;
}

const replicas = async (which: keyof typeof services): Promise<number | undefined> =>
  (await dockerClient().getService(services[which].id).inspect()).Spec.Mode.Replicated.Replicas;
const hasTwo = (which: keyof typeof services) =>
  eventually(
    `service ${which} has 2 replicas`,
    () => replicas(which),
    (count) => count === 2,
    20_000,
  );
const slow = (which: keyof typeof services) =>
  postAlerts(
    receiver.url,
    webhookBody([webhookAlert({ alertname: 'Slow', service: services[which].name })]),
  );

async function kill(jidoka: Jidoka): Promise<void> {
  process.kill(jidoka.pid, 'SIGKILL');
  await jidoka.exited;
}

async function readiness({ url }: Jidoka): Promise<Readiness & { readonly status: number }> {
  const answer = await fetch(`${url}/-/ready`);
  return { status: answer.status, ...((await answer.json()) as Readiness) };
}

const acting = async ({ url }: Jidoka) =>
  (await (await fetch(`${url}/metrics`)).text()).match(/^jidoka_acting_up \d$/m)?.[0];

test('a receiver without a worker takes alerts in, and says that nobody acts', async () => {
  expect((await slow('a')).status).toBe(200);
  expect(await readiness(receiver)).toMatchObject({
    // it takes in what comes, until something has waited for a minute
    status: 200,
    checks: {
      redis: { ok: true },
      worker: { ok: false, detail: expect.stringMatching(/^no worker .*JIDOKA_ROLE=worker/) },
    },
  });
  expect(await acting(receiver)).toBe('jidoka_acting_up 0');
  expect(receiver.report.join('\n')).toMatch(/Workers +NOT CONNECTED +no worker is on this Redis/);
  expect(await replicas('a')).toBe(1);
});

test('a worker does what a receiver took in before the worker was there, though the receiver was killed', async () => {
  await kill(receiver);
  worker = await startWorker();
  await hasTwo('a');
});

test('both are ready when both are there, and an alert goes through both', async () => {
  receiver = await startReceiver();
  expect(await readiness(receiver)).toMatchObject({
    status: 200,
    checks: { worker: { detail: expect.stringContaining('elsewhere') } },
  });
  expect(await readiness(worker)).toMatchObject({ status: 200, checks: { worker: { ok: true } } });
  expect([await acting(receiver), await acting(worker)]).toEqual(
    Array(2).fill('jidoka_acting_up 1'),
  );
  expect((await slow('b')).status).toBe(200);
  await hasTwo('b');
});

test('a worker tells how it is, and what is posted to it is to be sent again', async () => {
  const ask = (path: string, init?: RequestInit) => fetch(`${worker.url}${path}`, init);
  expect((await ask('/-/healthy')).status).toBe(200);
  const body = JSON.stringify(webhookBody([webhookAlert({ alertname: 'Slow' })]));
  const posted = await ask('/webhooks/alertmanager', { method: 'POST', body });
  expect(posted.status).toBe(503);
  expect(await posted.json()).toEqual({ error: expect.stringContaining('JIDOKA_ROLE=receiver') });
  for (const path of ['/', '/api/v1/runs', '/webhooks/alertmanager']) {
    expect([path, (await ask(path)).status]).toEqual([path, 404]);
  }
});

test('a receiver says where it is asked what only acting engines know', async () => {
  const body = JSON.stringify([{ labels: { alertname: 'Slow' } }]);
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${receiver.url}/api/v1/explain`, { method: 'POST', body, headers });
  expect(answer.status).toBe(501);
  expect(await answer.json()).toEqual({ error: expect.stringContaining('JIDOKA_ROLE=all') });
});

test('another worker goes on where one was killed', async () => {
  await kill(worker);
  expect((await slow('c')).status).toBe(200);
  worker = await startWorker();
  await hasTwo('c');
});

test('a receiver ends when the ledger is of a newer version', async () => {
  const redis = new Redis(usePart('redis').url);
  try {
    await redis.set(createLedger({ redis, cell }).keys.schema, 99);
    expect(await receiver.exited).toBe(1);
    await expect(startReceiver()).rejects.toThrow(/the ledger in Redis has version 99/);
  } finally {
    await redis.quit();
  }
});
