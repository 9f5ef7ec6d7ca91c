import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hasPassed, report } from '../../../../src/cli/test/report.js';
import { runFiles } from '../../../../src/cli/test/run-files.js';

/* The shipped playbooks have tests that notice when a playbook is broken. */

const playbooks = (await readdir('playbooks')).filter(
  (name) => !name.endsWith('.test.yaml') && name !== 'policy.yaml',
);
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jidoka-shipped-'));
  await cp('playbooks', folder, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true }));

/** The result of a playbook's own tests, after a change to the playbook. */
async function run(name: string, change: (text: string) => string) {
  const path = join(folder, name);
  await writeFile(path, change(await readFile(path, 'utf8')));
  const paths = [path.replace(/\.yaml$/, '.test.yaml')];
  return runFiles({ paths, folder, policy: undefined, only: '' });
}

/** What may go wrong in a playbook, as far as it has that at all. */
const damages: readonly (readonly [string, RegExp, string])[] = [
  ['never acts by itself', /^mode: auto$/m, 'mode: approve'],
  ['only looks on', /^mode: auto$/m, 'mode: shadow'],
  ['goes the other way', /direction: (up|down)/, 'direction: OTHER'],
  ['never rests', /cooldown: \w+/, 'cooldown: 0'],
  ['rests for a day', /cooldown: \w+/, 'cooldown: 1d'],
  ['does not wait for the alert to resolve', /settle: \w+/, 'settle: 1s'],
  ['matches every alert', /match:[\s\S]*?(?=\n\w)/, 'match: alertname =~ ".*"'],
  ['matches none', /match:[\s\S]*?(?=\n\w)/, 'match: alertname = "Nothing"'],
];

const broken: (readonly [name: string, how: string, change: (text: string) => string])[] = [];
for (const name of playbooks) {
  const text = await readFile(join('playbooks', name), 'utf8');
  for (const [how, pattern, damage] of damages) {
    const found = pattern.exec(text);
    if (found === null) continue;
    const damaged = damage.replace('OTHER', found[1] === 'up' ? 'down' : 'up');
    broken.push([name, how, (each) => each.replace(pattern, damaged)]);
  }
}

test.each(playbooks)('the tests of %s pass', async (name) => {
  const results = await run(name, (text) => text);
  expect(report(results, 'text', { color: false })).toContain('none failed');
  expect(results.every(hasPassed)).toBe(true);
});

test('most playbooks have most of what may go wrong', () => {
  expect(broken.length).toBeGreaterThan(30);
});

test.each(broken)('the tests of %s fail when it %s', async (name, _, change) => {
  const results = await run(name, change);
  expect(results.flatMap(({ findings }) => findings)).toEqual([]);
  expect(results.every(hasPassed)).toBe(false);
});
