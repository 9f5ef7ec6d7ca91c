import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { postAlerts, webhookAlert, webhookBody } from '../support/alerts.js';
import { eventually } from '../support/eventually.js';
import { type Jidoka, startJidoka } from '../support/jidoka.js';

/* A new user's first start: nothing is set, and there is no Redis. */

const env = { JIDOKA_PLAYBOOKS: resolve('playbooks'), DOCKER_HOST: 'unix:///nowhere/docker.sock' };
let dir: string;
let jidoka: Jidoka | undefined;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'jidoka-start-'));
});

afterEach(async () => {
  await jidoka?.stop();
  jidoka = undefined;
  await rm(dir, { recursive: true, force: true });
});

test('the report says for each connection how it stands and which variable to set', async () => {
  jidoka = await startJidoka(env, dir);

  const line = (name: string) => jidoka?.report.find((text) => text.startsWith(`  ${name} `));
  expect(line('Redis')).toMatch(/connected .*its own, data in \.data\/redis \(set REDIS_URL/);
  expect(line('Swarm')).toMatch(/NOT CONNECTED .*\/nowhere\/docker\.sock.*set DOCKER_HOST/);
  expect(line('AWS')).toMatch(/not configured .*AWS_REGION/);
  expect(line('Slack')).toMatch(/not configured .*SLACK_BOT_TOKEN/);
  expect(line('Alertmanager')).toMatch(/not configured .*ALERTMANAGER_URL/);
  expect(line('Playbooks')).toMatch(/connected +5 from /);
});

test('what was taken in is still there after a stop and another start', async () => {
  jidoka = await startJidoka(env, dir);
  const alert = webhookAlert({ alertname: 'Unheard', severity: 'page' });
  expect((await postAlerts(jidoka.url, webhookBody([alert]))).status).toBe(200);
  await eventually('a person is asked', openEscalations, (list) => list.length === 1);
  expect(await jidoka.stop()).toBe(0);

  jidoka = await startJidoka(env, dir);
  expect(await openEscalations()).toMatchObject([{ title: 'Unheard', reason: 'no_match' }]);
});

test('two engines never share one directory', async () => {
  jidoka = await startJidoka(env, dir);
  await expect(startJidoka(env, dir)).rejects.toThrow(/another engine's Redis already runs/);
});

test('a playbook that cannot be used keeps the engine from starting, and every fault is named', async () => {
  const playbooks = await mkdtemp(join(dir, 'playbooks-'));
  const { writeFile } = await import('node:fs/promises');
  await writeFile(join(playbooks, 'a.yaml'), 'name: a\nsummary: A.\nmatch: x\nsteps: []\n');
  await expect(startJidoka({ ...env, JIDOKA_PLAYBOOKS: playbooks }, dir)).rejects.toThrow(
    /ended with code 1[\s\S]*a\.yaml:3:\d+:[\s\S]*a\.yaml:4:\d+:/,
  );
});

test('a setting that cannot be used is named with what was expected', async () => {
  await expect(startJidoka({ ...env, PORT: 'http' }, dir)).rejects.toThrow(
    /PORT: expected a port number from 0 to 65535, got "http"/,
  );
  await expect(startJidoka({ ...env, JIDOKA_LISTEN: '0.0.0.0' }, dir)).rejects.toThrow(
    /JIDOKA_LISTEN: 0\.0\.0\.0 is reachable from other machines.*JIDOKA_WEBHOOK_TOKEN/,
  );
});

async function openEscalations() {
  const list = await jidoka?.api<{ items: readonly { readonly title: string }[] }>(
    'escalations?state=open',
  );
  return list?.items ?? [];
}
