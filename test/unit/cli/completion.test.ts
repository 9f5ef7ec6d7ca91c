import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommandLine } from '../../../src/cli/run.js';
import { captured } from '../../support/captured.js';

let dir: string;
let file: string;
const script = async (shell: string) =>
  (await captured(() => runCommandLine(['node', 'jidoka', 'completion', shell]))).stdout;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'jidoka-completion-'));
  file = join(dir, 'jidoka.bash');
  writeFileSync(file, await script('bash'));
});

afterAll(() => rmSync(dir, { recursive: true }));

/** What bash offers for a line with the cursor at its end. */
function offered(line: string): string[] {
  const words = line.split(' ');
  const run = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _jidoka; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const out = execFileSync('bash', ['-c', run, 'bash', file, ...words], { encoding: 'utf8' });
  return out.split('\n').filter((word) => word !== '');
}

test('bash completes commands, those below them, options, and their values', () => {
  expect(offered('jidoka ')).toEqual(expect.arrayContaining(['serve', 'check', 'audit', 'help']));
  expect(offered('jidoka re')).toEqual(['report', 'resume', 'restored']);
  expect(offered('jidoka audit ')).toEqual(expect.arrayContaining(['verify', 'export']));
  expect(offered('jidoka audit verify --f')).toEqual(['--file']);
  expect(offered('jidoka check --st')).toEqual(['--strict']);
  expect(offered('jidoka check -o ')).toEqual(['text', 'json', 'github']);
  expect(offered('jidoka check --strict --output j')).toEqual(['json']);
  expect(offered('jidoka completion f')).toEqual(['fish']);
});

test('bash completes files where nothing else fits', () => {
  expect(offered('jidoka check playb')).toEqual([]);
  const run = 'source "$1"; complete -p jidoka';
  const set = execFileSync('bash', ['-c', run, 'bash', file], { encoding: 'utf8' });
  expect(set).toBe('complete -o default -F _jidoka jidoka\n');
});

test('zsh runs the same through bashcompinit; fish has a line for each command and option', async () => {
  expect(await script('zsh')).toMatch(
    /^autoload -U \+X bashcompinit && bashcompinit\n_jidoka\(\) \{/,
  );
  const fish = await script('fish');
  expect(fish).toContain("-a verify -d 'check that the trail is unchanged'");
  expect(fish).toContain(
    "complete -c jidoka -n '__fish_seen_subcommand_from check' -s o -l output",
  );
});
