import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);

test('the demo shows the loop, and says that its targets are simulated', async () => {
  const { stdout } = await run(process.execPath, ['dist/main.js', 'demo'], { timeout: 90_000 });

  expect(stdout).toContain('Docker Swarm, AWS and Slack are SIMULATED');
  expect(stdout).toContain('shop_web: 2 → 3 replicas');
  expect(stdout).toContain('demo-workers: 2 → 3 instances');
  expect(stdout).toMatch(/Ana +clicks \[Scale shop_web 3 → 4\]/);
  expect(stdout).toContain('shop_web: 3 → 4 replicas, 4 of 4 tasks run');
  expect(stdout).toMatch(/ana \(U0ANA\) chose Scale shop_web 3 → 4/);
  expect(stdout).toContain('That was the loop.');
}, 100_000);
