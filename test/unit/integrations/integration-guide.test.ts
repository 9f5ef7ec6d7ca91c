import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { blocksOf, documentBlock } from '../../support/document.js';
import { followGuide } from '../../support/guide-copy.js';
import { describeConformance, type Subject } from './conformance.js';

/* Follows docs/contributors/adding-an-integration.md to the letter, in a copy of the sources. */

const guide = 'docs/contributors/adding-an-integration.md';
const { root, pathOf, complaints } = await followGuide(guide);
afterAll(() => rm(root, { recursive: true }));

await addTo('src/integrations/registry.ts', /(AnyIntegration\[\] = \[[^\]]*)\]/, '$1, crew]');
await addTo(
  'test/unit/integrations/subjects.ts',
  /(readonly Subject\[\] = \[[^\]]*)\]/,
  '$1  crewResize,\n]',
);

/** Adds the import that the page shows for a file, and an entry of its list. */
async function addTo(path: string, list: RegExp, longer: string): Promise<void> {
  const [, shown = ''] = longer.match(/(\w+),?\n?\]/) ?? [];
  const [imported] = documentBlock(guide, 'ts', `import { ${shown} }`).split('\n');
  const text = await readFile(path, 'utf8');
  // a tree in which the page was followed has them already
  if (text.includes(imported ?? '')) return;
  const changed = text.replace(list, longer);
  expect(changed).not.toBe(text);
  await writeFile(pathOf(path), `${imported}\n${changed}`);
}

test('what the guide shows compiles', async () => {
  const include = [
    'src/integrations/registry.ts',
    'test/unit/integrations/crew',
    'test/unit/integrations/subjects.ts',
  ];
  const config = { extends: './tsconfig.json', include };
  await writeFile(pathOf('tsconfig.guide.json'), JSON.stringify(config));
  expect(await complaints('tsc', '-p', 'tsconfig.guide.json')).toBe('');
});

test('what the guide shows is formatted', async () => {
  const folders = ['src/integrations/crew', 'test/unit/integrations/crew'];
  expect(
    await complaints('biome', 'check', '--linter-enabled=false', '--vcs-enabled=false', ...folders),
  ).toBe('');
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

const { crewResize } = (await import(pathOf('test/unit/integrations/crew/subject.ts'))) as {
  readonly crewResize: Subject;
};
describeConformance(crewResize);
await import(pathOf('test/unit/integrations/crew/client.test.ts'));
