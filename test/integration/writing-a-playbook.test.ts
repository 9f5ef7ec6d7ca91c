import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { type Jidoka, startJidoka } from '../support/jidoka.js';
import { usePart } from '../support/parts.js';

/* Whoever follows docs/tutorial/first-playbook.md from its first line to its last gets what it says. */

const run = promisify(execFile);
const document = await readFile('docs/tutorial/first-playbook.md', 'utf8');
const blocks = [...document.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(
  ([, language = '', text = '']) => ({ language, text }),
);
const playbook = join('my-playbooks', 'checkout-queue.yaml');
let dir: string;
let jidoka: Jidoka | undefined;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'jidoka-writing-'));
  // what npm makes of this folder's own command
  await mkdir(join(dir, 'node_modules/.bin'), { recursive: true });
  await symlink(resolve('dist/main.js'), join(dir, 'node_modules/.bin/jidoka'));
});
afterAll(async () => {
  await jidoka?.stop();
  await rm(dir, { recursive: true });
});

function block(language: string, part: string): string {
  const found = blocks.find((one) => one.language === language && one.text.includes(part));
  if (found === undefined) throw new Error(`no ${language} block with ${part}`);
  return found.text;
}

/** Runs a command as it stands in the document, against the engine of the test where it names one. */
async function follow(part: string) {
  const command = block('sh', part).replace(
    'http://127.0.0.1:9095',
    jidoka?.url ?? 'http://127.0.0.1:9095',
  );
  const env = {
    PATH: `${join(dir, 'node_modules/.bin')}:${process.env.PATH}`,
    HOME: dir,
    USER: 'ada',
    PORT: new URL(jidoka?.url ?? 'http://127.0.0.1:9095').port,
  };
  try {
    const { stdout } = await run('sh', ['-c', command.replaceAll('npx jidoka', 'jidoka')], {
      cwd: dir,
      env,
    });
    return { code: 0, stdout };
  } catch (error) {
    return error as { readonly code: number; readonly stdout: string };
  }
}

async function setMode(mode: string): Promise<void> {
  const text = await readFile(join(dir, playbook), 'utf8');
  await writeFile(join(dir, playbook), text.replace(/^mode: \w+$/m, `mode: ${mode}`));
}

test('it is written and checked', async () => {
  await follow('mkdir');
  await writeFile(join(dir, playbook), block('yaml', 'name: checkout-queue'));
  expect(await follow('jidoka check')).toMatchObject({ code: 0, stdout: block('text', '1 file') });
});

test('its tests fail while it is in shadow, and pass when it acts', async () => {
  const tests = join(dir, playbook.replace('.yaml', '.test.yaml'));
  await writeFile(tests, block('yaml', 'tests:'));
  expect((await follow('jidoka test')).code).toBe(1);
  await setMode('auto');
  expect(await follow('jidoka test')).toMatchObject({ code: 0, stdout: block('text', 'ok ') });
});

test('it is tried on what has happened', async () => {
  await writeFile(join(dir, 'history.jsonl'), block('json', 'CheckoutQueueLong'));
  const { code, stdout } = await follow('--history history.jsonl');
  expect(code).toBe(0);
  expect(stdout).toMatch(/checkout-queue +auto +1 +1/);
  expect(stdout).toContain('ended: exhausted 1');
});

test('a running engine takes it over, explains it, shows its record and pauses it', async () => {
  jidoka = await startJidoka({
    REDIS_URL: usePart('redis').url,
    JIDOKA_CELL: `writing-${process.pid}`,
    DOCKER_HOST: usePart('docker').dockerHost,
    JIDOKA_PLAYBOOKS: join(dir, 'my-playbooks'),
    LOG_LEVEL: 'silent',
  });
  await setMode('shadow');
  expect(await follow('/-/reload')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('"playbooks": 1'),
  });
  const { stdout } = await follow('jidoka explain');
  expect(stdout).toContain(
    'checkout-queue (shadow; checkout-queue.yaml) would take it, and is in shadow',
  );
  expect((await follow('jidoka pause')).code).toBe(0);
  await fetch(`${jidoka.url}/webhooks/alertmanager`, {
    method: 'POST',
    body: JSON.stringify(
      JSON.parse(block('json', 'received_at').split('\n')[0] ?? '').notification,
    ),
  });
  const backtest = await eventually(
    'the record has the alert',
    () => follow('--history http'),
    ({ stdout }) => stdout.includes('1 alert'),
  );
  expect(backtest.code).toBe(0);
});
