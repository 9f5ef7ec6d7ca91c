import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { createProgram } from '../../src/cli/program.js';
import { runFiles } from '../../src/cli/test/run-files.js';
import { createOfflineRegistry } from '../../src/integrations/offline-registry.js';
import { loadPlaybooks } from '../../src/playbook/load.js';
import { policySchema } from '../../src/playbook/policy-schema.js';
import { allDocuments, type Block, blocksOf, kindOf } from '../support/document.js';

/* Each fenced block of each document is checked, or says why not: <!-- not run: reason -->. */

const blocks = allDocuments().flatMap((document) =>
  blocksOf(document)
    .filter(({ notRun }) => notRun === undefined)
    .map((block) => ({ ...block, place: `${document}:${block.line}`, document })),
);
const yaml = blocks.filter(({ language }) => language === 'yaml');
const playbooks = yaml.filter((block) => kindOf(block) === 'playbook');
const policies = yaml.filter((block) => kindOf(block) === 'policy');
const jobs = yaml.filter((block) => kindOf(block) === 'jobs');

test('YAML is of a kind that is checked', () => {
  expect(yaml.filter((block) => kindOf(block) === undefined).map(({ place }) => place)).toEqual([]);
});

test.each(playbooks)('$place is a playbook that loads', async (block) => {
  const hosts = policies.filter(({ document }) => document === block.document);
  const folder = write({
    'playbook.yaml': block.text,
    'policy.yaml': hosts.map(({ text }) => text).join(''),
    ...jobFiles(block.document),
  });
  const { problems } = await loadPlaybooks(folder, { actions: createOfflineRegistry() });
  expect(problems).toEqual([]);
});

test.each(policies)('$place is a policy', ({ text }) => {
  expect(policySchema.safeParse(parse(text)).error?.issues ?? []).toEqual([]);
});

test.each(suites())('the playbook tests in $place pass', async ({ files }) => {
  const folder = write(files);
  const results = await runFiles({ paths: [folder], folder, policy: undefined, only: '' });
  expect(results.flatMap(({ findings }) => findings)).toEqual([]);
  const ran = results.flatMap((file) => file.results);
  expect(ran.flatMap(({ differences }) => differences)).toEqual([]);
});

test.each(blocks.filter(({ language }) => language === 'sh'))(
  '$place is what a shell understands',
  ({ text }) => {
    execFileSync('sh', ['-n'], { input: text });
  },
);

test.each(commands())('$place: there is jidoka $words $options', ({ words, options }) => {
  let command: CommandUnknownOpts = createProgram();
  for (const word of words) {
    const below = command.commands.find((each) => each.name() === word);
    if (below === undefined) break;
    command = below;
  }
  expect(command.name()).not.toBe('jidoka');
  const known = ['--help', ...command.options.map(({ long }) => long)];
  expect(options.filter((option) => !known.includes(option))).toEqual([]);
});

test.each(blocks.filter(({ language }) => language === 'json'))('$place is JSON', ({ text }) => {
  const lines = text.includes('}\n{') ? text.trim().split('\n') : [text];
  for (const line of lines) JSON.parse(line);
});

/** The jobs that a document shows, and a script for each file that it names. */
function jobFiles(document: string): Record<string, string> {
  const [shown] = jobs.filter((block) => block.document === document);
  if (shown === undefined) return {};
  const scripts = [...shown.text.matchAll(/^ *script: (\S+)$/gm)].map(([, file = '']) => file);
  return {
    'jobs.yaml': shown.text,
    ...Object.fromEntries(scripts.map((file) => [file, '#!/bin/sh\n'])),
  };
}

/** Each file of tests, with the playbooks and the policy that the document shows since the one before. */
function suites() {
  const found: { readonly place: string; readonly files: Record<string, string> }[] = [];
  let files: Record<string, string> = {};
  let current = '';
  for (const block of yaml) {
    const [name, kind] = [nameOf(block), kindOf(block) ?? ''];
    if (block.document !== current) files = {};
    current = block.document;
    if (name === undefined || !['playbook', 'policy', 'playbook test'].includes(kind)) continue;
    files[name] = block.text;
    if (kind !== 'playbook test') continue;
    found.push({ place: block.place, files: { ...files, ...jobFiles(block.document) } });
    files = {};
  }
  return found;
}

/** Each call of jidoka in a block for the shell: the words before its options, and the long options. */
function commands() {
  return blocks
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text, place }) =>
      [...text.replaceAll('\\\n', ' ').matchAll(/(?:^|[|(] *|npx )jidoka ([a-z][^|\n#]*)/gm)].map(
        ([, call = '']) => ({
          place,
          words: call.split(/ -/)[0]?.trim().split(' ') ?? [],
          options: [...call.matchAll(/ (--[a-z-]+)/g)].map(([, option = '']) => option),
        }),
      ),
    );
}

/** The file that a block is to be saved as: its first line, `# name.yaml`. */
function nameOf({ text }: Block): string | undefined {
  return /^# ([\w.-]+\.yaml)\n/.exec(text)?.[1];
}

function write(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'jidoka-docs-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}
