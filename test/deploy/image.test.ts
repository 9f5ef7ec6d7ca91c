import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { makeBaseArchive } from '../support/parts/base-image.js';
import { usePart } from '../support/parts.js';

/* The image, built and run by a real engine. Its packages are not fetched in the build, but before it. */

const root = resolve(import.meta.dirname, '../..');
const { version } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8'));
const run = promisify(execFile);
const name = (what: string) => `${usePart('docker').prefix}${what}`;

/** Runs a command of Docker's command line; returns what it prints. */
async function docker(...args: string[]): Promise<string> {
  const env = { ...process.env, DOCKER_HOST: usePart('docker').dockerHost, DOCKER_BUILDKIT: '0' };
  const { stdout, stderr } = await run('docker', args, { cwd: root, env, maxBuffer: 1e8 });
  return (stdout + (args[0] === 'logs' ? stderr : '')).trim();
}

let base: string;
let image: string;

beforeAll(async () => {
  await run('npm', ['run', 'build'], { cwd: root });
  const archive = await makeBaseArchive(24);
  base = `${name('base')}:24`;
  image = `${name('jidoka')}:${version}`;
  await docker('import', archive, base);
  const args = [`NODE_IMAGE=${base}`, `VERSION=${version}`, 'REVISION=0123abc'];
  const given = args.flatMap((arg) => ['--build-arg', arg]);
  await docker('build', '--target', 'prebuilt', ...given, '--tag', image, '.');
  await docker('network', 'create', name('net'));
}, 600_000);

afterAll(async () => {
  await docker('rm', '--force', '--volumes', name('jidoka'), name('redis'));
  await docker('volume', 'rm', name('data'));
  await docker('network', 'rm', name('net'));
  await docker('image', 'rm', '--force', image, base);
});

/** Starts the engine as an operator would who trusts it with nothing but its own data. */
async function startEngine(): Promise<void> {
  const options = ['--detach', '--name', name('jidoka'), '--network', name('net'), '--read-only'];
  const settings = [
    'REDIS_URL=redis://redis:6379',
    'JIDOKA_WEBHOOK_TOKEN=webhook-token-of-the-test',
  ];
  const given = settings.flatMap((setting) => ['--env', setting]);
  await docker('run', ...options, ...given, '--volume', `${name('data')}:/app/.data`, image);
}

const startRedis = () =>
  docker(
    ...['run', '--detach', '--name', name('redis'), '--network', name('net')],
    ...['--network-alias', 'redis', base, 'redis-server', '--protected-mode', 'no'],
  );

const health = () => docker('inspect', '--format', '{{.State.Health.Status}}', name('jidoka'));

/** Asks the engine from inside its container. */
const ask = (path: string) =>
  docker(
    ...['exec', name('jidoka'), 'node', '--eval'],
    `fetch('http://127.0.0.1:9095${path}').then(async (a) => console.log(a.status, await a.text()))`,
  );

test('jidoka is on the PATH, and says its version', async () => {
  expect(await docker('run', '--rm', image, 'jidoka', '--version')).toBe(version);
  expect(await docker('run', '--rm', image, 'jidoka', 'check', 'playbooks')).toContain('no errors');
});

test('it runs as a user who is not root', async () => {
  expect(await docker('run', '--rm', image, 'id', '-u')).toBe('1000');
});

test('it says what it is', async () => {
  const labels = JSON.parse(await docker('inspect', '--format', '{{json .Config.Labels}}', image));
  expect(labels).toMatchObject({
    'org.opencontainers.image.title': 'Jidoka',
    'org.opencontainers.image.version': version,
    'org.opencontainers.image.revision': '0123abc',
    'org.opencontainers.image.licenses': 'Apache-2.0',
  });
});

test('it holds the program and a list of what is in it, and no packages beside it', async () => {
  const files = await docker('run', '--rm', image, 'find', '/app', '-maxdepth', '3');
  expect(files).toContain('/app/dist/bundle/sbom.json');
  expect(files).toContain('/app/dist/bundle/LICENSES.txt');
  expect(files).not.toContain('node_modules');
  const size = async (of: string) => Number(await docker('inspect', '--format', '{{.Size}}', of));
  const added = (await size(image)) - (await size(base));
  console.log(`the image adds ${(added / 2 ** 20).toFixed(1)} MiB to its base`);
  expect(added).toBeLessThan(20 * 2 ** 20);
});

test('with a read-only root it becomes ready, and notices later that its ledger is another one', async () => {
  await startRedis();
  await startEngine();
  await eventually('healthy', health, (status) => status === 'healthy');
  await eventually(
    'ready',
    () => ask('/-/ready'),
    (answer) => answer.startsWith('200'),
  );
  await docker('stop', name('jidoka'));
  const exit = await docker('inspect', '--format', '{{.State.ExitCode}}', name('jidoka'));
  expect(exit).toBe('0');

  await docker('rm', '--force', name('jidoka'), name('redis'));
  await startRedis();
  await startEngine();
  await eventually(
    'says that the ledger is another one',
    () => docker('logs', name('jidoka')),
    (log) => log.includes('ledger restored, lost or replaced: everything paused'),
  );
});
