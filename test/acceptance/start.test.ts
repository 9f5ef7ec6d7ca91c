import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLedger } from '../../src/ledger/ledger.js';
import { startLocalRedis } from '../../src/local/redis.js';
import { postAlerts, webhookAlert, webhookBody } from '../support/alerts.js';
import { documentBlock } from '../support/document.js';
import { eventually } from '../support/eventually.js';
import { type Jidoka, runJidoka, startJidoka } from '../support/jidoka.js';
import { onFreePort } from '../support/parts/place.js';
import { usePart } from '../support/parts.js';

/* A new user's first start: nothing is set, and there is no Redis. */

const env = { JIDOKA_PLAYBOOKS: resolve('playbooks'), DOCKER_HOST: 'unix:///nowhere/docker.sock' };
let dir: string;

interface Escalations {
  readonly items: readonly {
    readonly id: string;
    readonly title: string;
    readonly choices: unknown;
  }[];
}

let jidoka: Jidoka | undefined;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'jidoka-start-'));
});

afterEach(async () => {
  await jidoka?.stop();
  jidoka = undefined;
  await rm(dir, { recursive: true, force: true });
});

test('the report comes whole and before the log', async () => {
  const main = resolve('dist/main.js');
  // on one pipe, so that the order is seen
  const child = spawn('sh', ['-c', 'exec "$0" "$@" 2>&1', process.execPath, main, 'serve'], {
    cwd: dir,
    env: { PATH: process.env.PATH, ...env, PORT: '0', DOCKER_HOST: 'tcp://127.0.0.1:1' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(child, 'exit');
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  try {
    await eventually(
      'the log says that the Swarm is away',
      async () => text,
      (said) => said.includes('Docker Swarm did not answer'),
    );
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
  const lines = text.split('\n');
  const firstOfLog = lines.findIndex((line) => line.startsWith('{'));
  expect(lines[0]).toMatch(/^jidoka: listening on /);
  expect(lines.slice(0, firstOfLog).at(-1)).toMatch(/^ {2}Console /);
});

test('the report says for each connection how it stands and which variable to set', async () => {
  jidoka = await startJidoka(env, dir);

  const line = (name: string) => jidoka?.report.find((text) => text.startsWith(`  ${name} `));
  expect(line('Redis')).toMatch(
    /connected .*appendfsync always, its own, data in \.data\/redis \(set REDIS_URL/,
  );
  expect(line('Swarm')).toMatch(/NOT CONNECTED .*\/nowhere\/docker\.sock.*set DOCKER_HOST/);
  expect(line('AWS')).toMatch(/not configured .*AWS_REGION/);
  expect(line('Slack')).toMatch(/not configured .*SLACK_BOT_TOKEN/);
  expect(line('Alertmanager')).toMatch(/not configured .*ALERTMANAGER_URL/);
  expect(line('Playbooks')).toMatch(/loaded +\d+ from /);
  expect(line('Webhook')).toMatch(/http:\/\/127\.0\.0\.1:\d+\/webhooks\/alertmanager, no token$/);
  expect(line('Console')).toMatch(
    /http:\/\/127\.0\.0\.1:\d+\/, on this machine only \(set JIDOKA_ADMIN_TOKEN/,
  );
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

test('a person decides without Slack, with the commands of the console page', async () => {
  const ofUser = { ...env, HOME: dir };
  jidoka = await startJidoka(ofUser, dir, ['--make-admin-token']);
  const file = join(dir, '.config', 'jidoka', 'admin-token');
  expect(jidoka.report.join('\n')).toMatch(
    new RegExp(`Console .* sign in with the token in ${file}`),
  );
  await postAlerts(jidoka.url, webhookBody([webhookAlert({ alertname: 'Unheard' })]));
  await expect(jidoka.api('escalations')).rejects.toThrow('401');
  // the command line on the same machine reads the token
  const { port } = new URL(jidoka.url);
  const [asked] = await eventually(
    'a person has choices',
    async () => escalationsOf(port),
    ([first]) => first?.choices != null,
  );
  const [list = '', answer = ''] = documentBlock('docs/how-to/console.md', 'sh', 'THE-ID')
    .replaceAll('http://127.0.0.1:9095', jidoka.url)
    .replace('THE-ID', asked?.id ?? '')
    .trim()
    .split(/\n(?=curl)/);
  expect(await shell(list)).toMatch(/^ {6}"title": "Unheard",$/m);
  expect(await shell(answer)).toMatch(/"by": "ana"/);
  expect(JSON.parse(await shell(list))).toMatchObject({ items: [] });
  const status = await runJidoka(['status'], { HOME: dir, PORT: port });
  expect([status.code, status.stdout]).toEqual([0, expect.stringContaining('ready')]);

  async function escalationsOf(port: string) {
    const authorization = `Bearer ${(await readFile(file, 'utf8')).trim()}`;
    const url = `http://127.0.0.1:${port}/api/v1/escalations?state=open`;
    const answer = await fetch(url, { headers: { authorization } });
    return ((await answer.json()) as Escalations).items;
  }
});

test('behind a proxy that hides itself nobody is an operator without a token', async () => {
  const JIDOKA_WEBHOOK_TOKEN = 'hook';
  jidoka = await startJidoka({ ...env, JIDOKA_WEBHOOK_TOKEN, JIDOKA_LISTEN: '127.0.0.1' }, dir);
  expect(jidoka.report.join('\n')).toMatch(
    /Console .* CLOSED.*JIDOKA_WEBHOOK_TOKEN .*JIDOKA_ADMIN/,
  );
  for (const path of ['/', '/api/v1/escalations', '/api/v1/pauses']) {
    const answer = await fetch(`${jidoka.url}${path}`);
    expect([path, answer.status]).toEqual([path, 403]);
    expect(await answer.text()).toMatch(/JIDOKA_WEBHOOK_TOKEN says[\s\S]*JIDOKA_ADMIN_TOKEN/);
  }
  const alert = webhookBody([webhookAlert({ alertname: 'Unheard' })]);
  const taken = await fetch(`${jidoka.url}/webhooks/alertmanager`, {
    method: 'POST',
    headers: { authorization: 'Bearer hook' },
    body: JSON.stringify(alert),
  });
  expect(taken.status).toBe(200);
});

test('a Redis that is not there ends the start with the address, the reason and the variable', async () => {
  const REDIS_URL = 'redis://:hunter2@127.0.0.1:1';
  const failure = startJidoka({ ...env, REDIS_URL }, dir);
  await expect(failure).rejects.toThrow(
    /Redis at redis:\/\/127\.0\.0\.1:1: connection refused.*REDIS_URL/,
  );
  await expect(failure).rejects.not.toThrow(/hunter2/);
});

test('a Redis that may lose alerts is told apart from one that is safe', async () => {
  const redis = await onFreePort((port) => startLocalRedis({ dir: join(dir, 'redis'), port }));
  const client = new Redis(redis.url);
  await client.config('SET', 'appendonly', 'no');
  await client.config('SET', 'maxmemory-policy', 'allkeys-lru');
  jidoka = await startJidoka({ ...env, REDIS_URL: redis.url }, dir);
  expect(jidoka.report.join('\n')).toMatch(
    /Redis +NOT SAFE .*appendonly yes.*maxmemory-policy noeviction/,
  );
  client.disconnect();
  await jidoka.stop();
  jidoka = undefined;
  await redis.stop();
});

test('a folder that cannot be written ends the start with what to do', async () => {
  await writeFile(join(dir, '.data'), '');
  await expect(startJidoka(env, dir)).rejects.toThrow(
    /\.data\/redis, where Redis is to keep its data, cannot be written.*REDIS_URL/,
  );
});

test('two engines never share one directory', async () => {
  jidoka = await startJidoka(env, dir);
  await expect(startJidoka(env, dir)).rejects.toThrow(/another engine's Redis already runs/);
});

test('a playbook that cannot be used keeps the engine from starting, and every fault is named', async () => {
  const playbooks = await mkdtemp(join(dir, 'playbooks-'));
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
    /JIDOKA_LISTEN: other machines can reach 0\.0\.0\.0 .*JIDOKA_WEBHOOK_TOKEN/,
  );
});

test('a ledger of a newer version is refused, and ends an engine that is at work', async () => {
  const { url } = usePart('redis');
  const cell = `start-${randomUUID()}`;
  const redis = new Redis(url);
  try {
    const { schema } = createLedger({ redis, cell }).keys;
    await redis.set(schema, 99);
    const onThat = { ...env, REDIS_URL: url, JIDOKA_CELL: cell };
    const refused =
      /ended with code 1[\s\S]*the ledger in Redis has version 99.*start the newer engine/;
    await expect(startJidoka(onThat, dir)).rejects.toThrow(refused);
    await redis.del(schema);
    const older = await startJidoka(onThat, dir);
    await redis.set(schema, 99);
    expect(await older.exited).toBe(1);
  } finally {
    await redis.quit();
  }
});

async function openEscalations() {
  const list = await jidoka?.api<Escalations>('escalations?state=open');
  return list?.items ?? [];
}

async function shell(command: string): Promise<string> {
  const { stdout } = await promisify(execFile)('sh', ['-ec', command], {
    env: { ...process.env, HOME: dir },
  });
  return stdout;
}
