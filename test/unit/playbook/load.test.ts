import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadPlaybooks } from '../../../src/playbook/load.js';
import { defaultPolicy } from '../../../src/playbook/policy.js';
import { formatProblem } from '../../../src/playbook/problem.js';

const actions = new Map();
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jidoka-playbooks-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function write(file: string, text: string): Promise<void> {
  const path = join(folder, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

function playbook(name: string): string {
  return `name: ${name}\nsummary: s\nmatch: a=b\nignore: true\n`;
}

async function namesIn(where = folder): Promise<string[]> {
  const { playbooks, problems } = await loadPlaybooks(where, { actions });
  expect(problems).toEqual([]);
  return playbooks.map(({ name }) => name);
}

test('an empty folder has no playbooks and the default policy', async () => {
  const { hash, ...rest } = await loadPlaybooks(folder, { actions });
  expect(rest).toEqual({
    playbooks: [],
    parsed: [],
    files: [],
    policy: defaultPolicy,
    problems: [],
  });
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
});

test('playbooks are found in all folders, in the order of their relative paths', async () => {
  await write('b.yaml', playbook('b'));
  await write('a/z.yml', playbook('a-z'));
  await write('a.yaml', `${playbook('a')}---\n${playbook('a-second')}`);
  await write('B.yaml', playbook('capital'));
  await write('deep/er/x.yaml', playbook('deep'));
  expect(await namesIn()).toEqual(['capital', 'a', 'a-second', 'a-z', 'b', 'deep']);
});

test('tests, other files and hidden ones are left alone', async () => {
  await write('a.yaml', playbook('a'));
  await write('a.test.yaml', 'broken: [');
  await write('README.md', 'broken: [');
  await write('.git/b.yaml', 'broken: [');
  await write('.hidden.yaml', 'broken: [');
  expect(await namesIn()).toEqual(['a']);
});

test('a mounted ConfigMap, which is all links, is read once', async () => {
  await write('..2026_01_01/a.yaml', playbook('a'));
  await symlink('..2026_01_01', join(folder, '..data'));
  await symlink(join('..data', 'a.yaml'), join(folder, 'a.yaml'));
  expect(await namesIn()).toEqual(['a']);
});

test('a link to a folder is followed, unless it leads back', async () => {
  await write('team/a.yaml', playbook('a'));
  await symlink('..', join(folder, 'team', 'back'));
  await symlink(folder, `${folder}-link`);
  try {
    expect(await namesIn(`${folder}-link`)).toEqual(['a']);
  } finally {
    await rm(`${folder}-link`);
  }
});

test('every fault of every file is reported, and the good playbooks are there', async () => {
  await write('a.yaml', 'name: a\n');
  await write('b.yaml', playbook('b'));
  await write('sub/c.yaml', playbook('c').replace('true', 'maybe'));
  await write('policy.yaml', 'bound: {}\n');
  const { playbooks, policy, problems } = await loadPlaybooks(folder, { actions });
  expect(playbooks.map(({ name }) => name)).toEqual(['b']);
  expect(policy).toEqual(defaultPolicy);
  expect(problems.map(({ file, line, column }) => `${file}:${line}:${column}`)).toEqual([
    'a.yaml:1:1',
    'a.yaml:1:1',
    'a.yaml:1:1',
    'sub/c.yaml:1:1',
    'sub/c.yaml:4:9',
    'policy.yaml:1:1',
  ]);
});

test('a name is given once in all files; the second is reported', async () => {
  await write('a.yaml', playbook('same'));
  await write('b.yaml', `${playbook('other')}---\n${playbook('same')}`);
  const { playbooks, problems } = await loadPlaybooks(folder, { actions });
  expect(problems.map(formatProblem)).toEqual([
    'b.yaml:6:7: name: a.yaml has a playbook of this name already',
  ]);
  expect(playbooks.map(({ name, file }) => [name, file])).toEqual([
    ['same', 'a.yaml'],
    ['other', 'b.yaml'],
  ]);
});

test('the policy is read from beside the playbooks or from where it is said to be', async () => {
  await write('policy.yaml', 'approval_expires: 5m\n');
  await write('elsewhere/my-policy.conf', 'approval_expires: 6m\n');
  const own = await loadPlaybooks(folder, { actions, policy: join(folder, 'policy.yaml') });
  const other = await loadPlaybooks(folder, {
    actions,
    policy: join(folder, 'elsewhere/my-policy.conf'),
  });
  expect(own.policy.approvalExpiresMs).toBe(300_000);
  expect(other.policy.approvalExpiresMs).toBe(360_000);
  expect(other.problems).toEqual([]);
});

test('a folder or a named policy that is not there is a problem, not an empty one', async () => {
  const gone = join(folder, 'gone');
  const { problems } = await loadPlaybooks(gone, { actions, policy: join(folder, 'my.yaml') });
  expect(problems.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^the playbook folder cannot be read: ENOENT/),
    expect.stringMatching(/^the policy cannot be read: ENOENT/),
  ]);
});

test('a window for a playbook that there is not is named with its place, once all can be read', async () => {
  const times = 'time_intervals: [{ times: [{ start_time: "00:00", end_time: "02:00" }] }]';
  await write('policy.yaml', `windows:\n  - name: w\n    playbooks: [a, bb]\n    ${times}\n`);
  await write('a.yaml', playbook('a'));
  await write('b.yaml', playbook('b'));
  const { problems } = await loadPlaybooks(folder, { actions });
  const message = 'windows[0].playbooks[1]: there is no playbook "bb"; did you mean "b"?';
  expect(problems).toEqual([{ file: 'policy.yaml', line: 3, column: 20, message }]);
  await write('b.yaml', playbook('bb').replace('summary', 'sumary'));
  const { problems: others } = await loadPlaybooks(folder, { actions });
  expect(others.map(({ file }) => file)).toEqual(['b.yaml', 'b.yaml']);
});

test('the hash changes with every file, every name and the policy, and with nothing else', async () => {
  const hashes: string[] = [];
  const look = async () => hashes.push((await loadPlaybooks(folder, { actions })).hash);
  await look();
  await write('a.yaml', playbook('a'));
  await look();
  await write('a.yaml', `# comment\n${playbook('a')}`);
  await look();
  await rm(join(folder, 'a.yaml'));
  await write('b.yaml', `# comment\n${playbook('a')}`);
  await look();
  await write('policy.yaml', 'limits: {}\n');
  await look();
  expect(new Set(hashes).size).toBe(hashes.length);
  await write('b.test.yaml', '');
  await look();
  expect(hashes.at(-1)).toBe(hashes.at(-2));
});
