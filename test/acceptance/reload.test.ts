import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Readiness } from '../../src/api/health.js';
import { webhookAlert, webhookBody } from '../support/alerts.js';
import { eventually } from '../support/eventually.js';
import { type Jidoka, startJidoka } from '../support/jidoka.js';
import { makeDir } from '../support/parts/place.js';
import { startRedis, type TestRedis } from '../support/parts/redis.js';

/* The engine as it is delivered: both halves of it follow its folder while it runs. */

interface Playbooks {
  readonly hash: string;
  readonly items: readonly { readonly name: string }[];
}

let redis: TestRedis;
let folder: string;
let jidoka: Jidoka;

beforeEach(async () => {
  redis = await startRedis();
  folder = await makeDir('playbooks');
  await put('first');
  jidoka = await startJidoka({
    REDIS_URL: redis.url,
    DOCKER_HOST: 'unix:///nowhere/docker.sock',
    JIDOKA_PLAYBOOKS: folder,
    LOG_LEVEL: 'info',
  });
});

afterEach(async () => {
  expect(await jidoka.stop()).toBe(0);
  await redis.stop();
});

/** Says that alerts named Calm need nobody. */
function put(name: string, more = ''): Promise<void> {
  const text = `name: ${name}\nsummary: A test.\nmatch: alertname = "Calm"\nignore: true\n${more}`;
  return writeFile(join(folder, 'a.yaml'), text);
}

const names = async () => (await jidoka.api<Playbooks>('playbooks')).items.map(({ name }) => name);
const readiness = async () => (await (await fetch(`${jidoka.url}/-/ready`)).json()) as Readiness;
const post = () => fetch(`${jidoka.url}/-/reload`, { method: 'POST' });

async function gauge(name: string): Promise<number> {
  const text = await (await fetch(`${jidoka.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1]);
}

/** Which playbook has decided about a new alert. */
async function decidedBy(label: string): Promise<string | null | undefined> {
  const alert = webhookAlert({ alertname: 'Calm', label });
  await fetch(`${jidoka.url}/webhooks/alertmanager`, {
    method: 'POST',
    body: JSON.stringify(webhookBody([alert])),
  });
  interface Alerts {
    items: { labels: Record<string, string>; verdicts: { playbook: string | null }[] }[];
  }
  const found = await eventually(
    'it is decided',
    async () =>
      (await jidoka.api<Alerts>('alerts')).items.find(({ labels }) => labels.label === label),
    (shown) => (shown?.verdicts.length ?? 0) > 0,
  );
  return found?.verdicts[0]?.playbook;
}

test('a changed folder is taken by both halves without a word, by itself', async () => {
  expect(await decidedBy('a')).toBe('first');
  await put('second');
  await eventually('the new set is shown', names, ([name]) => name === 'second');
  expect(await decidedBy('b')).toBe('second');
});

test('POST /-/reload answers when both halves have the new set', async () => {
  await put('second');
  const answer = await post();
  const { hash } = await jidoka.api<Playbooks>('playbooks');
  expect([answer.status, await answer.json()]).toEqual([
    200,
    { hash, playbooks: 1, changed: true, detail: expect.stringMatching(/^activated: set \w{12}$/) },
  ]);
  expect(await decidedBy('a')).toBe('second');
  expect(await (await post()).json()).toMatchObject({ hash, changed: false });
});

test('SIGHUP reloads, and ends nothing', async () => {
  await put('second');
  process.kill(jidoka.pid, 'SIGHUP');
  const logged = () => jidoka.logged.find((line) => line.includes('playbooks reloaded'));
  await eventually('it is logged', logged, (line) => line !== undefined);
  expect(await names()).toEqual(['second']);
});

test('a bad change leaves the old set, and the answer, the log, /-/ready and the metrics say so until it is mended', async () => {
  await put('second', 'nonsense: true');
  const answer = await post();
  const { problems } = (await answer.json()) as { problems: string[] };
  expect(answer.status).toBe(422);
  expect(problems).toEqual([expect.stringMatching(/^a\.yaml:5:1: .*nonsense/)]);
  expect(await names()).toEqual(['first']);
  expect(await decidedBy('a')).toBe('first');
  expect(jidoka.logged.some((line) => line.includes('playbooks not reloaded'))).toBe(true);
  expect(await readiness()).toMatchObject({
    ready: true,
    checks: { reload: { ok: false, detail: expect.stringContaining(problems[0] ?? '-') } },
  });
  expect(await gauge('jidoka_config_last_reload_successful')).toBe(0);

  await put('third');
  await eventually('it is mended', readiness, ({ checks }) => checks.reload?.ok === true);
  expect(await names()).toEqual(['third']);
  expect(await gauge('jidoka_config_last_reload_successful')).toBe(1);
});

test('on a terminal SIGHUP reloads as long as it is there, and has the engine stop in order when it is closed', async () => {
  const report = join(folder, '..', `${basename(folder)}.report`);
  const command = `echo pid $$; exec ${process.execPath} ${resolve('dist/main.js')} serve 2>${report}`;
  // script runs it on a terminal of its own, which is closed when script is killed
  const terminal = spawn('script', ['-qefc', command, '/dev/null'], {
    cwd: await makeDir('terminal'),
    env: {
      ...process.env,
      REDIS_URL: redis.url,
      JIDOKA_CELL: 'terminal',
      JIDOKA_PLAYBOOKS: folder,
      DOCKER_HOST: 'unix:///nowhere/docker.sock',
      PORT: '0',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let said = '';
  terminal.stdout.on('data', (data: Buffer) => {
    said += data.toString();
  });
  const reported = () => readFile(report, 'utf8').catch(() => '');
  await eventually('it runs', reported, (text) => text.includes('Webhook'));
  const pid = Number(/pid (\d+)/.exec(said)?.[1]);
  await put('second');
  process.kill(pid, 'SIGHUP');
  await eventually(
    'it reloads',
    () => said,
    (text) => text.includes('playbooks reloaded'),
  );
  terminal.kill('SIGKILL');
  await eventually(
    'it has ended',
    () => isAlive(pid),
    (alive) => !alive,
  );
  const text = await reported();
  expect(text).toContain('stopping: finishing what is in work');
  expect(text).not.toContain('Assertion');
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
