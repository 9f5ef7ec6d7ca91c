import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { getNode } from '../support/parts/base-image.js';

const root = resolve(import.meta.dirname, '../..');

// the oldest that is supported runs all tests, in `npm test`
test.each([22, 24])('the unit tests pass on Node %i', { timeout: 1_800_000 }, async (major) => {
  const node = await getNode(major);
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit*', '--reporter', 'dot'];
  const tests = spawn(node, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  tests.stdout.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-20_000);
  });
  const [code] = await once(tests, 'exit');
  expect(code, said).toBe(0);
});
