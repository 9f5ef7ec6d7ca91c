import { chmod, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSwarmSim, type SwarmSim } from '../../src/sim/swarm.js';
import { postAlerts, webhookAlert, webhookBody } from '../support/alerts.js';
import { eventually } from '../support/eventually.js';
import { type Jidoka, runJidoka, startJidoka } from '../support/jidoka.js';
import { makeDir } from '../support/parts/place.js';
import { startRedis, type TestRedis } from '../support/parts/redis.js';

/* A person makes a playbook of what was done, at the command line and over the API. */

const token = { JIDOKA_ADMIN_TOKEN: 'admin' };
const headers = { authorization: 'Bearer admin', 'content-type': 'application/json' };
let redis: TestRedis;
let swarm: SwarmSim;
let jidoka: Jidoka;
let folder: string;
let env: Readonly<Record<string, string>>;

interface Item {
  readonly id: string;
  readonly kind: string;
  readonly choices: readonly { readonly id: string }[] | null;
}

beforeAll(async () => {
  redis = await startRedis();
  swarm = createSwarmSim();
  await swarm.start();
  swarm.addService({ name: 'web', replicas: 2 });
  folder = await makeDir('learn');
  jidoka = await startJidoka({
    REDIS_URL: redis.url,
    DOCKER_HOST: swarm.dockerHost(),
    JIDOKA_PLAYBOOKS: folder,
    LOG_LEVEL: 'silent',
    ...token,
  });
  env = { ...token, PORT: new URL(jidoka.url).port, USER: 'ada' };
});

afterAll(async () => {
  await jidoka?.stop();
  await swarm?.stop();
  await redis?.stop();
});

const run = (...args: string[]) => runJidoka(args, env);

async function api(path: string, body?: object): Promise<{ status: number; body: unknown }> {
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const answer = await fetch(`${jidoka.url}/api/v1/${path}`, { ...init, headers });
  return { status: answer.status, body: await answer.json() };
}

/** The open escalation of a kind, as soon as it can be answered. */
function open(kind: string): Promise<Item | undefined> {
  return eventually(
    `a ${kind} is open`,
    async () => {
      const { body } = await api('escalations?state=open');
      const { items } = body as { items: readonly Item[] };
      return items.find((item) => item.kind === kind && item.choices !== null);
    },
    (found) => found !== undefined,
  );
}

/** The alert fires, a person chooses one replica more, and it resolves. */
async function learnable(alertname: string): Promise<string> {
  const labels = { alertname, service: 'web' };
  const post = (status: 'firing' | 'resolved') =>
    postAlerts(jidoka.url, webhookBody([webhookAlert(labels, { status })], alertname));
  await post('firing');
  const question = await open('unmatched');
  await api(`escalations/${question?.id}/answer`, { choice: 'up', by: 'ada' });
  await eventually(
    'it is done',
    async () => (await api('runs')).body as { items: readonly { state: string }[] },
    ({ items }) => items[0]?.state === 'settling',
  );
  await post('resolved');
  return (await open('lesson'))?.id ?? '';
}

test('nothing to learn is said', async () => {
  expect((await run('learn')).stdout).toBe('No playbook suggestions.\n');
  expect((await run('learn', 'nothing')).stderr).toContain('no escalation has the ID "nothing"');
  expect((await run('learn', '--write')).code).toBe(2);
});

test('an offer is listed, shown with its trial, and accepted', async () => {
  const id = await learnable('Slow');
  expect((await api(`escalations/${id}/playbook`)).status).toBe(409);
  const { stdout: list } = await run('learn');
  expect(list).toContain(`${id}  Slow: web, for `);
  expect(list).toContain('ada chose to scale web from 2 to 3 replicas');

  const { stdout, code } = await run('learn', id);
  expect(code).toBe(0);
  expect(stdout).toContain('--- learned/slow-scale-up-web.yaml\n');
  expect(stdout).toContain('mode: approve');
  expect(stdout).toContain('--- learned/slow-scale-up-web.test.yaml\n');
  expect(stdout).toMatch(/it would match 1 alert, ask 1 time/);
  expect(await readdir(folder)).toEqual([]);

  const accepted = await run('learn', id, '--write');
  expect(accepted.stdout).toContain('Wrote learned/slow-scale-up-web.yaml and its tests');
  expect((await run('check', folder)).code).toBe(0);
  expect((await run('test', folder)).stdout).toContain('none failed');
  const { body } = await api('playbooks');
  expect(body).toMatchObject({ items: [{ name: 'slow-scale-up-web', mode: 'approve' }] });

  const again = await run('learn', id, '--write', '--by', 'bob');
  expect(again.code).toBe(1);
  expect(again.stderr).toContain('ada chose "Accept"');
});

test('a folder that cannot be written leaves both texts to be fetched', async () => {
  const id = await learnable('Slower');
  await chmod(join(folder, 'learned'), 0o555);
  await mkdir(join(folder, 'learned', 'slower-scale-up-web.test.yaml')).catch(() => {});
  const answer = await api(`escalations/${id}/playbook`, { by: 'ada' });
  await chmod(join(folder, 'learned'), 0o755);
  expect(answer.status).toBe(422);
  expect(answer.body).toMatchObject({ error: expect.stringContaining('by hand') });
  expect((await api(`escalations/${id}/playbook`)).body).toMatchObject({
    file: 'learned/slower-scale-up-web.yaml',
    text: expect.stringContaining('name: slower-scale-up-web'),
    testText: expect.stringContaining('tests:'),
  });
});
