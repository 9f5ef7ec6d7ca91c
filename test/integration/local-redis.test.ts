import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PartMissingError } from '../../src/lib/errors.js';
import { type LocalRedis, type LocalRedisOptions, startLocalRedis } from '../../src/local/redis.js';
import { untilPasses } from '../support/eventually.js';
import { isAlive, makeDir } from '../support/parts/place.js';

const root = resolve(import.meta.dirname, '../..');
const cleanups: (() => Promise<unknown>)[] = [];
let dir: string;
beforeEach(async () => {
  dir = await makeDir('local');
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(options: Partial<LocalRedisOptions> = {}): Promise<LocalRedis> {
  const redis = await startLocalRedis({ dir, ...options });
  cleanups.push(() => redis.stop());
  return redis;
}

function client(url: string): Redis {
  const redis = new Redis(url, { retryStrategy: () => null });
  redis.on('error', () => {});
  cleanups.push(async () => redis.disconnect());
  return redis;
}

test('its URL is one that ioredis and BullMQ take', async () => {
  const { url } = await start();
  expect(await client(url).ping()).toBe('PONG');
  const queue = new Queue('jobs', { connection: { url } });
  cleanups.push(() => queue.close());
  await queue.add('one', {});
  expect(await queue.getWaitingCount()).toBe(1);
});

test('it is durable, forgets nothing under pressure, and only its user may connect', async () => {
  const { url } = await start({ appendfsync: 'always' });
  const settings = ['appendonly', 'appendfsync', 'maxmemory-policy', 'port'];
  expect(await client(url).config('GET', ...settings)).toEqual(
    expect.arrayContaining(['yes', 'always', 'noeviction', '0']),
  );
  expect((await stat(url)).mode & 0o777).toBe(0o700);
});

test('what was written is there after a stop and a start', async () => {
  const first = await start();
  await client(first.url).set('kept', 'yes');
  await first.stop();
  const second = await start();
  expect(await client(second.url).get('kept')).toBe('yes');
});

test('a second one on the same directory is refused', async () => {
  await start();
  await expect(startLocalRedis({ dir })).rejects.toThrow(
    `another engine's Redis already runs on ${dir}`,
  );
});

test('of two that start at the same moment on one directory only one runs', async () => {
  const both = await Promise.allSettled([start(), start()]);
  expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
});

test('a directory whose path is too long for a socket is no obstacle', async () => {
  const long = join(dir, 'a'.repeat(60), 'b'.repeat(60));
  const redis = await start({ dir: long });
  expect(await client(redis.url).ping()).toBe('PONG');
  expect(await readdir(long)).toContain('appendonlydir');
  await redis.stop();
  await expect(stat(dirname(redis.url))).rejects.toThrow('ENOENT');
});

test('an end that nobody asked for is told, with the reason', async () => {
  const onExit = vi.fn();
  const { pid } = await start({ onExit });
  process.kill(pid ?? Number.NaN, 'SIGKILL');
  await untilPasses(() => expect(onExit).toHaveBeenCalledOnce());
  expect(onExit.mock.calls[0]?.[0]).toMatch(/^was ended by SIGKILL/);
});

test('a stop that was asked for is not told', async () => {
  const onExit = vi.fn();
  const redis = await start({ onExit });
  await redis.stop();
  expect(onExit).not.toHaveBeenCalled();
});

test('data that cannot be read is an error that says what Redis said', async () => {
  await mkdir(join(dir, 'appendonlydir'));
  await writeFile(join(dir, 'appendonlydir', 'appendonly.aof.manifest'), 'no manifest\n');
  const failed = startLocalRedis({ dir });
  await expect(failed).rejects.toThrow(PartMissingError);
  await expect(failed).rejects.toThrow(/did not start .*manifest/);
});

test('it does not outlive a process that is killed, and the next one takes over', async () => {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const settings = ['--module', 'nodenext', '--target', 'es2023', '--types', 'node'];
  const options = [...settings, '--skipLibCheck', '--rootDir', 'src', '--outDir', join(dir, 'js')];
  const args = [compiler, '--ignoreConfig', ...options, 'src/local/redis.ts'];
  execFileSync(process.execPath, args, { cwd: root });
  const owner = spawn(process.execPath, [
    ...['--input-type=module', '--eval'],
    `import { startLocalRedis } from ${JSON.stringify(join(dir, 'js/local/redis.js'))};
     console.log((await startLocalRedis({ dir: ${JSON.stringify(join(dir, 'data'))} })).pid);`,
  ]);
  cleanups.push(async () => owner.kill('SIGKILL'));
  const [pid] = await once(createInterface({ input: owner.stdout }), 'line');
  expect(isAlive(Number(pid))).toBe(true);
  owner.kill('SIGKILL');
  await once(owner, 'close');
  await start({ dir: join(dir, 'data') });
});
