import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSwarmSim, type SwarmSim } from '../../src/sim/swarm.js';
import { eventually } from '../support/eventually.js';
import { type Jidoka, runJidoka, startJidoka } from '../support/jidoka.js';
import { startRedis, type TestRedis } from '../support/parts/redis.js';

/* What people and programs read of a running engine, and how they answer its questions. */

const token = { JIDOKA_ADMIN_TOKEN: 'admin' };
let redis: TestRedis;
let swarm: SwarmSim;
let jidoka: Jidoka;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  redis = await startRedis();
  swarm = createSwarmSim();
  await swarm.start();
  const labels = { 'com.df.scaleMin': '1', 'com.df.scaleMax': '5' };
  swarm.addService({ name: 'web', replicas: 2, labels });
  jidoka = await startJidoka({
    REDIS_URL: redis.url,
    DOCKER_HOST: swarm.dockerHost(),
    LOG_LEVEL: 'silent',
    ...token,
  });
  env = { ...token, REDIS_URL: redis.url, PORT: new URL(jidoka.url).port, JIDOKA_USER: 'ada' };
  await run('fire', 'alertname=Slow', 'service=web', 'scale=up', '--wait');
});

afterAll(async () => {
  await jidoka?.stop();
  await swarm?.stop();
  await redis?.stop();
});

const run = (...args: string[]) => runJidoka(args, env);

/** Fires an alert that no playbook matches; gives back the id of its escalation. */
async function escalate(alertname: string): Promise<string> {
  const { stdout } = await run('fire', `alertname=${alertname}`, 'service=web', '--wait');
  const [, id = ''] = /^ {2}escalation (\S+)$/m.exec(stdout) ?? [];
  return id;
}

test('fire --wait names the run once', async () => {
  const fired = await run('fire', 'alertname=Slow', 'service=web', 'scale=up', '--wait');
  expect(fired.stdout.match(/\brun \S+/g)).toHaveLength(1);
});

test('alerts and runs are listed, newest first', async () => {
  const alerts = await run('alerts', '--open');
  expect(alerts.stdout).toMatch(/^ID +OPENED +STATUS +ALERT\n\S+ +\d+ \w+ ago +\w+ +Slow\{.*\}\n/);
  const runs = await run('runs');
  expect(runs.stdout).toMatch(/^ID +STARTED +STATUS +PLAYBOOK +CHANGE\n/);
  expect(runs.stdout).toMatch(/ago +[A-Z][a-z]+ +scale-service-up +\S.*web/);
});

test('a list is read on from its cursor', async () => {
  await escalate('First');
  await escalate('Second');
  const first = JSON.parse((await run('alerts', '--limit', '1', '-o', 'json')).stdout);
  expect(first.items).toMatchObject([{ labels: { alertname: 'Second' } }]);
  const second = await run('alerts', '--limit', '1', '--before', first.next);
  expect(second.stdout).toContain('First{');
  expect(second.stdout).toMatch(/\nMore: --before \S+\n$/);
});

test('an escalation is acknowledged once, by a name', async () => {
  const id = await escalate('Odd');
  expect((await run('escalations', '--open')).stdout).toMatch(
    new RegExp(`^${id} +\\d+ \\w+ ago +Open +\\S*ack,dismiss +Odd: web$`, 'm'),
  );
  expect(await run('ack', '--by', 'bob', '--', id)).toEqual({
    code: 0,
    stdout: 'bob chose "Acknowledge": Odd: web\n',
    stderr: '',
  });
  const again = await run('ack', '--', id);
  expect(again).toMatchObject({ code: 1, stdout: '' });
  expect(again.stderr).toContain('too late: bob chose "Acknowledge"');
  expect((await run('escalations', '--open')).stdout).not.toContain(id);
});

test('a choice acts, and the run is named', async () => {
  const id = await escalate('Slower');
  const shown = await eventually(
    'the escalation offers to scale',
    async () => JSON.parse((await run('escalations', '--open', '-o', 'json')).stdout).items,
    (items: readonly { id: string; choices: readonly { id: string; label: string }[] | null }[]) =>
      items.some(
        (item) => item.id === id && item.choices?.some(({ label }) => label.includes('→')),
      ),
  );
  const choice = shown
    .find((item) => item.id === id)
    ?.choices?.find(({ label }) => label.includes('→'));
  const chosen = await run('choose', '--', id, choice?.id ?? '');
  expect(chosen.stdout).toMatch(/^ada chose ".*→.*": Slower: web \(run \S+\)\n$/);
});

test('what cannot be chosen is refused with what can', async () => {
  const id = await escalate('Strange');
  const refused = await run('approve', '--', id);
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toContain('"ack" (Acknowledge)');
});

test('the evidence of an escalation is gathered when it is asked for, and shown with what is missing', async () => {
  const id = await escalate('Stranger');
  const shown = await eventually(
    'it is gathered',
    () => run('evidence', '--', id),
    ({ stdout }) => stdout.includes('Metric:'),
  );
  expect(shown).toMatchObject({ code: 0, stderr: '' });
  expect(shown.stdout).toContain(
    'Metric:\n  Prometheus is not configured: set PROMETHEUS_URL.\n\nChanges:\n',
  );
  expect(shown.stdout).toMatch(/\nTasks:\n {2}web: \d+ of \d+ tasks running/);
  const json = await run('evidence', '-o', 'json', '--', id);
  expect(JSON.parse(json.stdout)).toMatchObject({
    evidence: { id, metric: { missing: expect.stringContaining('PROMETHEUS_URL') } },
  });
  expect(keysOf(JSON.parse(json.stdout)).filter((key) => !/^[a-z][a-zA-Z0-9]*$/.test(key))).toEqual(
    [],
  );
});

test('the evidence of a run is shown, too, and that of nothing is an error', async () => {
  const { items } = JSON.parse((await run('runs', '-o', 'json')).stdout);
  await eventually(
    'it is gathered',
    () => run('evidence', '--', items[0].id),
    ({ stdout }) => stdout.includes('Related alerts:'),
  );
  const refused = await run('evidence', 'nothing');
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toContain('no run has the ID "nothing"');
});

/** Keys of JSON that are names of ours: everything but what is keyed by data. */
function keysOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(keysOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    key,
    ...(['labels', 'annotations', 'params', 'members', 'checks', 'ended'].includes(key)
      ? []
      : keysOf(inner)),
  ]);
}

test.each([
  ['alerts'],
  ['runs'],
  ['escalations'],
  ['status'],
  ['report'],
  ['doctor'],
  ['learn'],
  ['audit', 'verify'],
  ['explain', 'alertname=Slow', 'service=web', 'scale=up'],
  ['explain', 'alertname=Slow', '--playbooks', 'playbooks'],
  ['fire', 'alertname=Slow', 'service=web', '--wait'],
  ['check', 'playbooks'],
  ['test', 'playbooks', '--run', 'a'],
  ['backtest', '--history', 'ENGINE', '--playbooks', 'playbooks'],
])('%s %s -o json has keys in camel case', async (...words) => {
  const args = words.map((word) => (word === 'ENGINE' ? jidoka.url : word));
  const { stdout, stderr } = await run(...args, '-o', 'json');
  expect(stderr).toBe('');
  const keys = keysOf(JSON.parse(stdout));
  expect(keys.length).toBeGreaterThan(0);
  expect(keys.filter((key) => !/^[a-z][a-zA-Z0-9]*$/.test(key))).toEqual([]);
});
