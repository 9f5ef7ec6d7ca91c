import { execFileSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, type TestContext, test } from 'vitest';
import type { Readiness } from '../../src/api/health.js';
import { eventually } from '../support/eventually.js';
import { type Jidoka, runJidoka, startJidoka } from '../support/jidoka.js';
import { canHang, mountHung } from '../support/parts/hung-mount.js';
import { makeDir } from '../support/parts/place.js';
import { startRedis } from '../support/parts/redis.js';

/* Files that take long to check, and folders that cannot be read, under a running engine. */

/** An engine of its own for a test: most of the time it waits for the engine's next look at the folder. */
async function start({ onTestFinished }: Pick<TestContext, 'onTestFinished'>) {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const folder = await makeDir('playbooks');
  const put = (file: string, text: string) => writeFile(join(folder, file), text);
  await put('a.yaml', 'name: first\nsummary: A test.\nmatch: alertname = "Calm"\nignore: true\n');
  const jidoka = await startJidoka({
    REDIS_URL: redis.url,
    DOCKER_HOST: 'unix:///nowhere/docker.sock',
    JIDOKA_PLAYBOOKS: folder,
  });
  onTestFinished(async () => void (await jidoka.stop()));
  return {
    jidoka,
    folder,
    put,
    reload: () => fetch(`${jidoka.url}/-/reload`, { method: 'POST' }),
    async reloadCheck() {
      const { checks } = (await (await fetch(`${jidoka.url}/-/ready`)).json()) as Readiness;
      return checks.reload;
    },
  };
}

type ReloadCheck = Readiness['checks'][string] | undefined;
const isNotTaken = (check: ReloadCheck) => check?.ok === false;
const isTaken = (check: ReloadCheck) => check?.ok === true;

/** How long the health check took at most, in milliseconds, while a task was under way. */
async function slowestHealth(jidoka: Jidoka, during: Promise<unknown>): Promise<number> {
  let isOver = false;
  const over = during.finally(() => {
    isOver = true;
  });
  let slowestMs = 0;
  while (!isOver) {
    const begin = performance.now();
    await fetch(`${jidoka.url}/-/healthy`);
    slowestMs = Math.max(slowestMs, performance.now() - begin);
    await sleep(20);
  }
  await over;
  return slowestMs;
}

describe.concurrent.each([
  ['faulty documents', '---\na: [\n'.repeat(1_000)],
  ['unknown keys', `name: a\n${keys(4_000)}`],
  ['steps without an action', `name: a\nsteps:\n${'  - {foo: 1}\n'.repeat(4_000)}`],
  ['commas', ','.repeat(60_000)],
  ['documents', 'a: 1\n---\n'.repeat(28_000)],
  ['keys', keys(6_000)],
  ['megabytes', 'a: 1\n'.repeat(1_000_000)],
])('a file of thousands of %s', (_, text) => {
  test('does not keep the receiver from answering, is told, and the folder is looked at again soon', async (context) => {
    const { jidoka, folder, put, reloadCheck } = await start(context);
    await put('bad.yaml', text);
    const told = eventually('it is told', reloadCheck, isNotTaken);
    expect(await slowestHealth(jidoka, told)).toBeLessThan(2_000);
    expect((await reloadCheck())?.detail).toContain('bad.yaml');
    await rm(join(folder, 'bad.yaml'));
    await eventually('the folder is taken', reloadCheck, isTaken);
  });
});

function keys(count: number): string {
  return Array.from({ length: count }, (_, index) => `k${index}: 1\n`).join('');
}

test.concurrent('a FIFO in the folder hangs nothing: it is named, and the set in use stays', async (context) => {
  const { jidoka, folder, reload, reloadCheck } = await start(context);
  execFileSync('mkfifo', [join(folder, 'pipe.yaml')]);
  await eventually('it is told', reloadCheck, isNotTaken);
  expect((await reloadCheck())?.detail).toContain('pipe.yaml');
  const answer = await reload();
  expect(answer.status).toBe(422);
  expect(await answer.text()).toContain('expected a regular file, got a FIFO');
  const checked = await runJidoka(['check', folder]);
  expect(checked.code).toBe(1);
  expect(checked.stdout + checked.stderr).toContain('expected a regular file, got a FIFO');
  await rm(join(folder, 'pipe.yaml'));
  await eventually('the folder is taken', reloadCheck, isTaken);
  expect(await jidoka.stop()).toBe(0);
});

describe.runIf(canHang).concurrent('a file system that hangs', () => {
  async function startHung({ onTestFinished }: Pick<TestContext, 'onTestFinished'>) {
    const started = await start({ onTestFinished });
    const unmount = await mountHung(started.folder);
    onTestFinished(unmount);
    return { ...started, unmount };
  }

  test('is told within a quarter of a minute, and everything answers meanwhile', async (context) => {
    const { jidoka, reload, reloadCheck, unmount } = await startHung(context);
    const told = eventually('it is told', reloadCheck, isNotTaken);
    expect(await slowestHealth(jidoka, told)).toBeLessThan(2_000);
    expect((await reloadCheck())?.detail).toContain('the file system has not answered for 10 s');
    const answer = await reload();
    expect(answer.status).toBe(422);
    await unmount();
    await eventually('the folder is taken', reloadCheck, isTaken);
    expect(await jidoka.stop()).toBe(0);
  });

  test('does not keep the engine from ending, whether it was told yet or not', async (context) => {
    const { jidoka } = await startHung(context);
    // the engine looks every two seconds, and hangs then
    await sleep(3_000);
    const begin = performance.now();
    await jidoka.stop();
    expect(performance.now() - begin).toBeLessThan(8_000);
  });

  test('does not keep `jidoka check` from ending', async (context) => {
    const { folder } = await startHung(context);
    const { stderr } = await runJidoka(['check', folder]);
    expect(stderr).toContain('the file system has not answered for 10 s');
  });
});
