import { execFileSync } from 'node:child_process';
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
    jobs: new Map(),
    jobOffers: { matching: expect.any(Function) },
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
    'b.yaml:6:7: name: duplicate; a.yaml already has a playbook with this name',
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
    expect.stringMatching(/^the playbook folder cannot be read: no such file or directory/),
    expect.stringMatching(/^the policy cannot be read: no such file or directory/),
  ]);
});

test('a window for a playbook that there is not is named with its place, once all can be read', async () => {
  const times = 'time_intervals: [{ times: [{ start_time: "00:00", end_time: "02:00" }] }]';
  await write('policy.yaml', `windows:\n  - name: w\n    playbooks: [a, bb]\n    ${times}\n`);
  await write('a.yaml', playbook('a'));
  await write('b.yaml', playbook('b'));
  const { problems } = await loadPlaybooks(folder, { actions });
  const message = 'windows[0].playbooks[1]: no playbook is named "bb"; did you mean "b"?';
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

test.each([
  ['a FIFO', 'a FIFO', (path: string) => void execFileSync('mkfifo', [path])],
  ['a link to a device', 'a device', (path: string) => symlink('/dev/zero', path)],
  ['a link to a terminal', 'a device', (path: string) => symlink('/dev/tty', path)],
])('%s is no file of playbooks, and is named', async (_, kind, make) => {
  await write('a.yaml', playbook('a'));
  await make(join(folder, 'b.yaml'));
  const { playbooks, problems } = await loadPlaybooks(folder, { actions });
  expect(playbooks.map(({ name }) => name)).toEqual(['a']);
  expect(problems.map(formatProblem)).toEqual([
    `b.yaml:1:1: expected a regular file, got ${kind}; move it out of the folder`,
  ]);
});

test('a link to a FIFO, and one below a folder, are no files of playbooks', async () => {
  await mkdir(join(folder, 'deep'));
  execFileSync('mkfifo', [join(folder, 'deep', 'pipe.yaml')]);
  await symlink('deep/pipe.yaml', join(folder, 'link.yaml'));
  const { problems } = await loadPlaybooks(folder, { actions });
  expect(problems.map(({ file }) => file)).toEqual(['deep/pipe.yaml', 'link.yaml']);
});

test.each(['policy.yaml', 'other.yaml'])(
  'a policy that is a FIFO is a problem: %s',
  async (name) => {
    const policy = join(folder, name);
    execFileSync('mkfifo', [policy]);
    const { problems } = await loadPlaybooks(folder, { actions, policy });
    expect(problems[0]?.message).toContain(
      'the policy cannot be read: expected a regular file, got a FIFO',
    );
  },
);

test('a file that is too large is not read', async () => {
  await write('a.yaml', `${playbook('a')}# ${'x'.repeat(300 * 1_024)}`);
  await write('b.yaml', playbook('b'));
  const { playbooks, problems } = await loadPlaybooks(folder, { actions });
  expect(playbooks.map(({ name }) => name)).toEqual(['b']);
  expect(problems.map(formatProblem)).toEqual([
    'a.yaml:1:1: expected a file of at most 256 KiB; split it',
  ]);
});

test('after a thousand faults the rest of the folder is not checked', async () => {
  for (let file = 10; file < 30; file += 1) await write(`${file}.yaml`, 'a: [\n---\n'.repeat(150));
  const { problems } = await loadPlaybooks(folder, { actions });
  expect(problems).toHaveLength(1_011);
  expect(problems.map(formatProblem)).toContain(
    '.:1:1: too many errors: Jidoka did not check the files after 19.yaml',
  );
  expect(problems.filter(({ file }) => file === '10.yaml').at(-1)?.message).toBe(
    'too many errors: Jidoka did not check the rest of this file',
  );
});

test.each([
  ['faulty documents', (size: number) => '---\na: [\n'.repeat(size / 10)],
  ['duplicates', (size: number) => `name: a\n${'b: 1\n'.repeat(size / 10)}`],
  ['unknown keys', (size: number) => lines(size / 10, (index) => `k${index}: 1`)],
  ['playbooks of one name', (size: number) => `${playbook('a')}---\n`.repeat(size / 60)],
  ['steps without an action', (size: number) => `steps:\n${'  - {foo: 1}\n'.repeat(size / 14)}`],
  [
    'matchers that exclude each other',
    (size: number) =>
      `match:\n  - a =~ "x|y"\n  - a != "x"\n  - a != "y"\n${lines(size / 14, (index) => `  - a != "${index}"`)}`,
  ],
])('the time for %s grows with the size of the file, not with its square', async (_, make) => {
  const measure = async (size: number) => {
    await write('a.yaml', make(size));
    const begin = process.cpuUsage();
    await loadPlaybooks(folder, { actions });
    return process.cpuUsage(begin).user;
  };
  await measure(6_000);
  const small = Math.min(await measure(6_000), await measure(6_000));
  const large = await measure(60_000);
  // ten times the size; its square would be a hundred times
  expect(large).toBeLessThan(40 * Math.max(small, 2_000));
});

function lines(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => line(index)).join('\n');
}
