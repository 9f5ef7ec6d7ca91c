import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/*
 * `jidoka check` and `jidoka test` as their users get them: from the packed package. Nothing is installed
 * beside it but what reading playbooks and simulating the engine needs, so that a command that loaded a
 * client of Redis, AWS or Slack would fail here.
 */

const run = promisify(execFile);
const needed = [
  '@commander-js/extra-typings',
  'commander',
  'yaml',
  'zod',
  're2js',
  '@marcbachmann/cel-js',
  'pino',
  'prom-client',
];
let dir: string;
let root: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'jidoka-packed-'));
  const { stdout } = await run('npm', [
    'pack',
    '--ignore-scripts',
    '--json',
    '--pack-destination',
    dir,
  ]);
  const [{ filename }] = JSON.parse(stdout);
  await run('tar', ['-xzf', join(dir, filename), '-C', dir]);
  root = join(dir, 'package');
  for (const name of needed) {
    const link = join(root, 'node_modules', name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(resolve('node_modules', name), link);
  }
  await cp('test/fixtures/playbooks/bad/key-unknown.yaml', join(dir, 'bad/key-unknown.yaml'));
  await cp('test/fixtures/playbooks/bad/shadowed', join(dir, 'shadowed'), { recursive: true });
});

afterAll(() => rm(dir, { recursive: true }));

type Env = Readonly<Record<string, string>>;
const check = (args: readonly string[], env: Env = {}) => jidoka('check', args, env);
const jidokaTest = (args: readonly string[], env: Env = {}) => jidoka('test', args, env);

async function jidoka(
  name: string,
  args: readonly string[],
  env: Env,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const options = { cwd: dir, env: { PATH: process.env.PATH, ...env } };
  const command = [join(root, 'dist/main.js'), name, ...args];
  try {
    return { code: 0, ...(await run(process.execPath, command, options)) };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}

test('the package holds the schemas that its playbooks name', () => {
  expect(existsSync(join(root, 'schema/playbook-test.schema.json'))).toBe(true);
  expect(existsSync(join(root, 'schema/playbook.schema.json'))).toBe(true);
  expect(existsSync(join(root, 'schema/policy.schema.json'))).toBe(true);
});

describe('jidoka check', () => {
  test('finds nothing wrong with the shipped playbooks', async () => {
    expect(await check(['package/playbooks'])).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^\d+ files, no errors, no warnings\n$/),
      stderr: '',
    });
  });

  test('takes JIDOKA_PLAYBOOKS where no path is given', async () => {
    expect((await check([], { JIDOKA_PLAYBOOKS: 'bad' })).stdout).toMatch(
      /^bad\/key-unknown.yaml:8:1/,
    );
    expect(await check([])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(
        /^jidoka: cannot read playbooks: no such file .*set JIDOKA_PLAYBOOKS\nRun /,
      ),
    });
  });

  test('takes JIDOKA_POLICY, and no other setting', async () => {
    const env = { JIDOKA_POLICY: 'gone.yaml', PORT: 'none', LOG_LEVEL: 'loud' };
    const { code, stdout } = await check(['shadowed'], env);
    expect(stdout).toContain('gone.yaml:1:1: error: the policy cannot be read');
    expect(code).toBe(1);
  });

  test('ends with 1 for errors, and for warnings if it is to be strict', async () => {
    expect((await check(['bad'])).code).toBe(1);
    expect((await check(['shadowed'])).code).toBe(0);
    expect((await check(['--strict', 'shadowed'])).code).toBe(1);
    expect((await check(['shadowed', 'bad'])).code).toBe(1);
  });

  test('ends a usage error with 2 and where help is', async () => {
    for (const args of [['--loud'], ['--output', 'xml'], ['--output']]) {
      const { code, stdout, stderr } = await check(args);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/^jidoka: .*\nRun 'jidoka check --help'\.\n$/);
    }
    expect(await check(['--help'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Usage: jidoka check'),
    });
  });

  test('names the option or the command that was meant', async () => {
    expect((await check(['--strikt'])).stderr).toMatch(
      /^jidoka: unknown option '--strikt' \(did you mean --strict\?\)\n/,
    );
    expect(await jidoka('chekc', [], {})).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^jidoka: unknown command 'chekc' \(did you mean check\?\)\n/),
    });
  });

  test('writes for programs and for GitHub', async () => {
    const { stdout: json } = await check(['bad', '--output', 'json']);
    expect(JSON.parse(json)).toMatchObject({
      files: 1,
      errors: 1,
      warnings: 0,
      findings: [{ severity: 'error', file: 'bad/key-unknown.yaml', line: 8, column: 1 }],
    });
    const { stdout: github } = await check(['bad', '--output', 'github']);
    expect(github).toMatch(/^::error file=bad\/key-unknown.yaml,line=8,col=1,title=jidoka check::/);
  });

  test('reads more files than a process may have open', async () => {
    const text = (name: string) => `name: ${name}\nsummary: s\nmatch: a=b\nignore: true\n`;
    await mkdir(join(dir, 'many'));
    for (let index = 0; index < 500; index += 1) {
      await writeFile(join(dir, 'many', `${index}.yaml`), text(`p${index}`));
    }
    const command = `ulimit -n 150; exec ${process.execPath} ${root}/dist/main.js check many`;
    const { stdout } = await run('sh', ['-c', command], { cwd: dir });
    expect(stdout).toContain('500 files, no errors');
  });

  test('is coloured on a terminal only, or if it is forced to be', async () => {
    expect((await check(['bad'])).stdout).not.toContain('\u001b');
    expect((await check(['bad'], { FORCE_COLOR: '1' })).stdout).toContain('\u001b[31m');
    expect((await check(['bad'], { FORCE_COLOR: '0' })).stdout).not.toContain('\u001b');
    const onTerminal = (env: string) =>
      run(
        'script',
        ['-qec', `${env} ${process.execPath} ${root}/dist/main.js check bad || true`, '/dev/null'],
        {
          cwd: dir,
          env: { PATH: process.env.PATH, TERM: 'xterm' },
        },
      );
    expect((await onTerminal('')).stdout).toContain('\u001b[31m');
    expect((await onTerminal('NO_COLOR=1')).stdout).not.toContain('\u001b');
  });
});

describe('jidoka test', () => {
  test('runs the tests of the shipped playbooks', async () => {
    const { code, stdout, stderr } = await jidokaTest(['package/playbooks']);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/\n\n\d+ tests, none failed\n$/);
    expect(code).toBe(0);
  });

  test('takes JIDOKA_PLAYBOOKS, runs what is asked for, and writes the results for others', async () => {
    const env = { JIDOKA_PLAYBOOKS: 'package/playbooks' };
    const args = ['--run', 'needs nobody', '--junit', join(dir, 'results.xml'), '--output', 'json'];
    const { code, stdout } = await jidokaTest(args, env);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ passed: true });
    expect(stdout.match(/"passed": true/g)).toHaveLength(2);
    const xml = await readFile(join(dir, 'results.xml'), 'utf8');
    expect(xml).toContain('tests="1" failures="0"');
  });

  test('ends with 1 when a test fails', async () => {
    const playbooks = join(dir, 'failing');
    await cp(join(root, 'playbooks'), playbooks, { recursive: true });
    const file = join(playbooks, 'watchdog.yaml');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('"Watchdog"', '"Nothing"'));
    const { code, stdout } = await jidokaTest([join(playbooks, 'watchdog.test.yaml')]);
    expect(stdout).toContain('2 tests, 1 failed');
    expect(code).toBe(1);
  });

  test('ends with 2 for what it does not understand, and where there is nothing to run', async () => {
    expect(await jidokaTest(['--jnuit', 'x'])).toMatchObject({ code: 2, stdout: '' });
    const unwritten = await jidokaTest(['package/playbooks', '--junit', 'gone/results.xml']);
    expect(unwritten).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /^jidoka: --junit: no such file or directory \(gone\/results\.xml\)/,
      ),
    });
    expect(await jidokaTest(['--output', 'xml'])).toMatchObject({ code: 2, stdout: '' });
    expect(await jidokaTest(['bad'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /^jidoka: bad holds no tests of playbooks: expected files whose/,
      ),
    });
    const none = await jidokaTest(['package/playbooks', '--run', 'no such test']);
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('no such test') });
  });
});
