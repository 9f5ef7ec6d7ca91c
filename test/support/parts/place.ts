import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { inject } from 'vitest';

const testData = resolve(import.meta.dirname, '../../../.data/test');

/** Makes the folder of this run of the tests, and removes those of runs that were killed. */
export async function makeRunDir(): Promise<string> {
  await mkdir(testData, { recursive: true });
  for (const name of await readdir(testData)) {
    if (!isAlive(Number(name.split('-')[0]))) {
      await removeDir(join(testData, name));
    }
  }
  return mkdtemp(join(testData, `${process.pid}-`));
}

/** A new folder for one part of one test; the global set-up removes it at the end. */
export function makeDir(name: string): Promise<string> {
  return mkdtemp(join(inject('parts').dir, `${name}-`));
}

/** Removes a folder that programs have just stopped writing to. */
export function removeDir(dir: string): Promise<void> {
  return rm(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

/** A loopback port that nobody listens on. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        resolve(address !== null && typeof address === 'object' ? address.port : 0),
      );
    });
  });
}

/**
 * Starts something on a free port, and on another one if that was taken in the meantime: between
 * the look for a port and its use other tests look for theirs.
 */
export async function onFreePort<Started>(
  start: (port: number) => Promise<Started>,
): Promise<Started> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await start(await freePort());
    } catch (error) {
      if (tries === 3 || !/already in use/i.test(String(error))) throw error;
    }
  }
}

/** Whether an HTTP endpoint answers with a 2xx. */
export async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/** Whether a process with this number runs. */
export function isAlive(pid: number): boolean {
  try {
    return Number.isInteger(pid) && process.kill(pid, 0);
  } catch {
    return false;
  }
}
