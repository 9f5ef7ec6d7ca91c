import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Pause } from '../../src/guard/pause.js';
import { createSwarmSim, type SwarmSim } from '../../src/sim/swarm.js';
import { postAlerts, webhookAlert, webhookBody } from '../support/alerts.js';
import { eventually } from '../support/eventually.js';
import { type Jidoka, runJidoka, startJidoka } from '../support/jidoka.js';
import { makeDir } from '../support/parts/place.js';
import { startRedis, type TestRedis } from '../support/parts/redis.js';

/* The engine as it is delivered, under a person's pause, when its Redis loses everything. */

const playbook = `
name: add
summary: Adds a replica.
match: alertname = "Slow"
mode: auto
steps:
  - swarm.scale: { service: "\${{ labels.service }}", by: 1, max: 8 }
guards: { cooldown: 0 }
`;

let redis: TestRedis;
let admin: Redis;
let swarm: SwarmSim;
let env: Record<string, string>;
let dir: string;
let jidoka: Jidoka;
const started: Jidoka[] = [];

beforeEach(async () => {
  redis = await startRedis();
  admin = new Redis(redis.url);
  swarm = createSwarmSim({ convergeMs: 100 });
  await swarm.start();
  for (const name of ['web', 'db']) swarm.addService({ name, replicas: 1 });
  const playbooks = await makeDir('playbooks');
  await writeFile(join(playbooks, 'add.yaml'), playbook);
  env = {
    REDIS_URL: redis.url,
    DOCKER_HOST: swarm.dockerHost(),
    JIDOKA_PLAYBOOKS: playbooks,
    JIDOKA_AUDIT_KEY: 'a'.repeat(32),
    LOG_LEVEL: 'fatal',
  };
  dir = await makeDir('engine');
  jidoka = await start();
});

afterEach(async () => {
  for (const one of started.splice(0)) await one.stop();
  admin.disconnect();
  await swarm.stop();
  await redis.stop();
});

async function start(more: Record<string, string> = {}): Promise<Jidoka> {
  const one = await startJidoka({ ...env, ...more }, dir);
  started.push(one);
  return one;
}

async function pauseAll(): Promise<void> {
  const answer = await fetch(`${jidoka.url}/api/v1/pauses`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ of: 'everything', by: 'ada', why: 'a release' }),
  });
  expect(answer.ok).toBe(true);
}

/** Posts an alert until it is taken. */
async function fire(service = 'web'): Promise<void> {
  const startsAt = new Date().toISOString();
  const body = webhookBody([webhookAlert({ alertname: 'Slow', service }, { startsAt })]);
  await eventually(
    'the alert is taken',
    async () => (await postAlerts(jidoka.url, body)).status,
    (status) => status === 200,
  );
}

type Alert = { verdicts: { fate: string; reason: string }[] };
const decided = (reasons: readonly string[]) =>
  eventually(
    'the alert is held, or a person is asked',
    async () => (await jidoka.api<{ items: Alert[] }>('alerts')).items[0]?.verdicts[0]?.reason,
    (reason) => reasons.includes(reason ?? ''),
  );
const escalations = async () =>
  (await jidoka.api<{ items: { reason: string; detail: string }[] }>('escalations')).items;

async function expectPaused(reasons = ['paused']): Promise<void> {
  await decided(reasons);
  const { items } = await jidoka.api<{ items: Pause[] }>('pauses');
  expect(items).toMatchObject([{ of: 'everything', by: 'jidoka', untilMs: null }]);
  const told = (await escalations()).filter(({ reason }) => reason === 'restored');
  expect(told).toHaveLength(1);
  expect(told[0]?.detail).toContain('jidoka restored --accept');
  expect(swarm.updates).toEqual([]);
}

test('while it is at work: nothing is changed, a person is told, and the new trail verifies', async () => {
  await pauseAll();
  await admin.flushall();
  await fire();
  // it began before the new ledger, unless that was noticed already
  await expectPaused(['paused', 'before_ledger']);
  const verified = await eventually(
    'the new trail is sealed',
    () => runJidoka(['audit', 'verify'], env),
    ({ code }) => code === 0,
  );
  expect(verified.stderr).toBe('');
  expect(await admin.exists('{jidoka}:ledger:active-playbooks')).toBe(1);

  await fire('db');
  await decided(['paused']);
  const accepted = await runJidoka(['restored', '--accept'], env);
  expect(accepted).toMatchObject({ code: 0, stderr: '' });
  await eventually(
    'it acts',
    () => swarm.updates.map(({ service }) => service),
    (services) => services.includes('db'),
  );
});

test('while it is stopped: it starts, changes nothing, and tells a person', async () => {
  await pauseAll();
  await jidoka.stop();
  await admin.flushall();
  jidoka = await start();
  await fire();
  await expectPaused();
});
