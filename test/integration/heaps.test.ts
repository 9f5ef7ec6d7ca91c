import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/* How large V8 makes the heaps of an engine that starts; each in a process of its own. */

/** Prints the MiB in which objects are born after some 40 MiB that stay, and what else the script prints. */
async function mibAfter(script: string): Promise<number[]> {
  const code = `
    import { getHeapSpaceStatistics } from 'node:v8';
    import { clearHeap, keepHeapsSmall, letHeapsGrow } from './dist/lib/heaps.js';
    const kept = [];
    const fill = () => {
      for (let count = 0; count < 400_000; count += 1) kept.push({ count, more: [count] });
    };
    const say = () => {
      const { space_size } = getHeapSpaceStatistics().find((one) => one.space_name === 'new_space');
      console.log(space_size / 1024 ** 2);
    };
    ${script}`;
  const args = ['--input-type=module', '--eval', code];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return stdout.trim().split('\n').map(Number);
}

test('they stay small until they may grow', async () => {
  const [usual = 0] = await mibAfter('fill(); say();');
  const [small = 0, grown = 0] = await mibAfter(
    'keepHeapsSmall(); fill(); say(); letHeapsGrow(); fill(); say();',
  );
  expect(small).toBeLessThanOrEqual(4);
  expect(usual).toBeGreaterThan(4);
  expect(grown).toBeGreaterThan(4);
});

test('what a start leaves is given back', async () => {
  const script = (clear: string) => `
    let rest = { text: 'x' };
    const seen = new WeakRef(rest);
    rest = undefined;
    setTimeout(() => { ${clear} console.log(seen.deref() === undefined ? 1 : 0); }, 20);`;
  expect(await mibAfter(script(''))).toEqual([0]);
  expect(await mibAfter(script('clearHeap();'))).toEqual([1]);
});
