import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { commandsBelow, fullNameOf } from '../../../src/cli/command-tree.js';
import { createProgram } from '../../../src/cli/program.js';
import { commandLineReference } from '../../../src/cli/reference.js';
import { runCommandLine } from '../../../src/cli/run.js';
import { fillReference } from '../../../src/playbook/reference.js';
import { captured } from '../../support/captured.js';

/* Every command of the tree, so that a new one is tested, too. */

const names = commandsBelow(createProgram()).map((command) => fullNameOf(command));
const call = (line: string) => captured(() => runCommandLine(['node', ...line.split(' ')]));

test('docs/reference/command-line.md is fresh; if not: npm run generate', async () => {
  const document = await readFile('docs/reference/command-line.md', 'utf8');
  expect(fillReference(document, { commands: commandLineReference() })).toBe(document);
});

test.each(names)('%s --help ends with 0', async (name) => {
  const { code, stdout, stderr } = await call(`${name} --help`);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(new RegExp(`^Usage: ${name} `));
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
});

test.each(names)('%s: an unknown option is a usage error', async (name) => {
  const { code, stdout, stderr } = await call(`${name} --no-such-option`);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  // commander looks for required options first
  const fault = "(unknown option '--no-such-option'|required option '.*' not specified)";
  expect(stderr).toMatch(new RegExp(`^jidoka: ${fault}\nRun '${name} --help'\\.\n$`));
});

test('help of a command, and the version, end with 0', async () => {
  expect(await call('jidoka help check')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Usage: jidoka check /),
  });
  const { version } = JSON.parse(await readFile('package.json', 'utf8'));
  expect(await call('jidoka --version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test.each([
  ['jidoka chekc', "unknown command 'chekc' (did you mean check?)", 'jidoka'],
  ['jidoka check --strikt', "unknown option '--strikt' (did you mean --strict?)", 'jidoka check'],
  [
    'jidoka check nowhere',
    'cannot read playbooks: no such file or directory (nowhere)',
    'jidoka check',
  ],
  [
    'jidoka test nowhere',
    'cannot read playbooks: no such file or directory (nowhere)',
    'jidoka test',
  ],
  [
    'jidoka explain --alert nowhere',
    '--alert: no such file or directory (nowhere)',
    'jidoka explain',
  ],
  [
    'jidoka audit verify --file nowhere',
    '--file: no such file or directory (nowhere)',
    'jidoka audit verify',
  ],
  ['jidoka runs --limit 0', '--limit: expected 1 to 500, got 0', 'jidoka runs'],
  ['jidoka pause', "required option '--why <text>' not specified", 'jidoka pause'],
  ['jidoka approve', "missing required argument 'escalation'", 'jidoka approve'],
])('%s is a usage error with its place', async (line, fault, name) => {
  const { code, stdout, stderr } = await call(line);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(`jidoka: ${fault}`);
  expect(stderr).toMatch(new RegExp(`\nRun '${name} --help'\\.\n$`));
});

/** Commands that do something, and show nothing but that it is done. */
const withoutOutput = [
  'jidoka',
  'jidoka serve',
  'jidoka demo',
  'jidoka approve',
  'jidoka deny',
  'jidoka ack',
  'jidoka cancel',
  'jidoka choose',
  'jidoka pause',
  'jidoka resume',
  'jidoka audit',
  'jidoka audit export',
  'jidoka prometheus',
  'jidoka prometheus sync',
  'jidoka restored',
  'jidoka completion',
  'jidoka import',
  'jidoka import jenkins',
];

test('every command that shows something takes -o json', () => {
  const without = commandsBelow(createProgram())
    .filter(
      ({ options }) =>
        !options.some(({ short, argChoices }) => short === '-o' && argChoices?.includes('json')),
    )
    .map((command) => fullNameOf(command));
  expect(without.sort()).toEqual(withoutOutput.sort());
});
