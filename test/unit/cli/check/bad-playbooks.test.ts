import { cp, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkPaths } from '../../../../src/cli/check/findings.js';
import { report } from '../../../../src/cli/check/report.js';
import { createOfflineRegistry } from '../../../../src/integrations/offline-registry.js';

/*
 * Each entry of the folder is a sound playbook with one fault (or a folder, where it takes several
 * files), and beside it, in a file that ends in .txt, what `jidoka check` says about it; `{actions}` there are the
 * names of all actions.
 */
const bad = 'test/fixtures/playbooks/bad';
const names = (await readdir(bad)).filter((name) => !name.endsWith('.txt')).sort();
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'jidoka-bad-'));
});

afterAll(() => rm(dir, { recursive: true }));

/** What check says about an entry that stands in a folder of its own. */
async function check(name: string): Promise<string> {
  const from = join(bad, name);
  const folder = join(dir, basename(name, '.yaml'));
  const isFolder = (await stat(from)).isDirectory();
  await cp(from, isFolder ? folder : join(folder, name), { recursive: true });
  const checked = await checkPaths({ paths: [folder], folder, policy: undefined });
  return report(checked, 'text', { color: false }).replaceAll(`${folder}/`, '');
}

test('there are at least fifty', () => {
  expect(names.length).toBeGreaterThanOrEqual(50);
});

test.each(names)('%s is told as expected', async (name) => {
  const expected = await readFile(join(bad, `${basename(name, '.yaml')}.txt`), 'utf8');
  const actions = [...createOfflineRegistry().keys()].join(', ');
  expect(await check(name)).toBe(expected.replaceAll('{actions}', actions));
});
