import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';

const run = promisify(execFile);

test('the demo stays up with --keep, and its console answers', async () => {
  const child = spawn(process.execPath, ['dist/main.js', 'demo', '--keep'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  try {
    const url = await eventually(
      'the demo prints the address of its console',
      async () => /^Console: (\S+) /m.exec(text)?.[1] ?? '',
      (found) => found !== '',
      90_000,
    );
    expect(await (await fetch(url)).text()).toContain('Jidoka');
  } finally {
    child.kill('SIGINT');
  }
  expect(await ended).toEqual([0, null]);
});

test('the demo shows the loop, and says that its targets are simulated', async () => {
  const { stdout } = await run(process.execPath, ['dist/main.js', 'demo'], { timeout: 90_000 });

  expect(stdout).toContain('Docker Swarm, AWS and Slack are SIMULATED');
  expect(stdout).toContain('shop_web: 2 → 3 replicas');
  expect(stdout).toContain('demo-workers: 2 → 3 instances');
  expect(stdout).toMatch(/Ana +clicks \[Scale shop_web 3 → 4\]/);
  expect(stdout).toContain('shop_web: 3 → 4 replicas, 4 of 4 tasks run');
  expect(stdout).toMatch(/ana \(U0ANA\) chose Scale shop_web 3 → 4/);
  expect(stdout).toContain('That was the loop.');
});
