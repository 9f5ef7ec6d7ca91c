import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { blocksOf } from '../../support/document.js';
import { followGuide } from '../../support/guide-copy.js';
import { describeConformance, type Subject } from './conformance.js';

/* Follows docs/contributors/adding-an-action.md to the letter, in a copy of the sources. */

const guide = 'docs/contributors/adding-an-action.md';
const { root, pathOf, complaints } = await followGuide(guide);
afterAll(() => rm(root, { recursive: true }));

test('what the guide shows compiles', async () => {
  const include = ['src/integrations/registry.ts', 'test/unit/integrations/subjects.ts'];
  const config = { extends: './tsconfig.json', include };
  await writeFile(pathOf('tsconfig.guide.json'), JSON.stringify(config));
  expect(await complaints('tsc', '-p', 'tsconfig.guide.json')).toBe('');
});

test('what the guide shows is formatted', async () => {
  const files = ['src/integrations/swarm', 'test/unit/integrations/subjects.ts'];
  expect(await complaints('biome', 'format', '--vcs-enabled=false', ...files)).toBe('');
});

test('its playbook passes its test, on the twin', async () => {
  const { runFiles } = (await import(
    pathOf('src/cli/test/run-files.ts')
  )) as typeof import('../../../src/cli/test/run-files.js');
  const folder = pathOf('playbooks');
  await mkdir(folder);
  for (const { text } of blocksOf(guide).filter(({ language }) => language === 'yaml')) {
    const [, name = ''] = /^# (\S+)\n/.exec(text) ?? [];
    await writeFile(join(folder, name), text);
  }
  const results = await runFiles({ paths: [folder], folder, policy: undefined, only: '' });
  expect(results.flatMap(({ findings }) => findings)).toEqual([]);
  const ran = results.flatMap((file) => file.results);
  expect(ran.map(({ differences }) => differences)).toEqual([[]]);
});

const { subjects } = (await import(pathOf('test/unit/integrations/subjects.ts'))) as {
  readonly subjects: readonly Subject[];
};
const subject = subjects.find(({ name }) => name === 'swarm.label');
if (subject === undefined) throw new Error(`${guide} shows no subject`);
describeConformance(subject);
