import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkPaths } from '../../../../src/cli/check/findings.js';
import { UsageError } from '../../../../src/cli/usage-error.js';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'jidoka-check-'));
});

afterEach(() => rm(dir, { recursive: true }));

async function write(file: string, text: string): Promise<string> {
  const path = join(dir, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  return path;
}

const sound = (name: string) => `name: ${name}\nsummary: s\nmatch: a = "${name}"\nignore: true\n`;

async function places(options: Partial<Parameters<typeof checkPaths>[0]>): Promise<string[]> {
  const { findings } = await checkPaths({
    paths: [dir],
    folder: dir,
    policy: undefined,
    ...options,
  });
  return findings.map(({ file, line, severity }) => `${file.replace(dir, '')}:${line} ${severity}`);
}

test('the shipped playbooks have neither errors nor warnings', async () => {
  const checked = await checkPaths({
    paths: ['playbooks'],
    folder: 'playbooks',
    policy: undefined,
  });
  expect(checked).toEqual({ files: expect.any(Number), findings: [] });
});

test('findings come in the order of files and lines, errors and warnings together', async () => {
  await write('a.yaml', `${sound('one')}---\n${sound('one').replace('name: one', 'name: two')}`);
  await write('b/c.yaml', `${sound('three')}mood: x\nmode: y\n`);
  await write('policy.yaml', 'bound: {}\n');
  expect(await places({})).toEqual([
    '/a.yaml:8 warning',
    '/b/c.yaml:5 error',
    '/b/c.yaml:6 error',
    '/policy.yaml:1 error',
  ]);
});

test('a file is checked together with those beside it, and nothing of those is shown', async () => {
  await write('a.yaml', sound('one'));
  await write('bad.yaml', 'x: [');
  const path = await write('b.yaml', sound('one'));
  expect(await places({ paths: [path], folder: 'elsewhere' })).toEqual(['/b.yaml:1 error']);
  expect(await places({ paths: [join(dir, 'a.yaml')] })).toEqual([]);
});

test('a file below the folder in use is checked with all of it', async () => {
  await write('a.yaml', sound('one'));
  const path = await write('team/b.yaml', sound('one'));
  expect(await places({ paths: [path] })).toEqual(['/team/b.yaml:1 error']);
  expect(await places({ paths: [path], folder: 'elsewhere' })).toEqual([]);
});

test('a policy that is named holds for all folders', async () => {
  await write('a.yaml', sound('one'));
  const policy = await write('elsewhere/my.conf', 'bound: {}\n');
  const { findings } = await checkPaths({ paths: [dir], folder: dir, policy });
  expect(findings).toMatchObject([{ file: policy, line: 1, source: 'bound: {}' }]);
});

test.each([
  ['is not there', 'gone', /^cannot read playbooks: no such file or directory \(.*gone\)/],
  ['holds no playbooks', 'empty', /empty holds no playbooks/],
  ['is no playbook', 'notes.txt', /notes.txt is not read as a playbook/],
  ['is a test', 'a.test.yaml', /a.test.yaml is not read as a playbook/],
])('a path that %s is a usage error', async (_, name, message) => {
  await mkdir(join(dir, 'empty'));
  await write('a.yaml', sound('one'));
  await write('notes.txt', '');
  await write('a.test.yaml', '');
  const checking = checkPaths({ paths: [join(dir, name)], folder: 'playbooks', policy: undefined });
  await expect(checking).rejects.toThrow(UsageError);
  await expect(checking).rejects.toThrow(message);
});
