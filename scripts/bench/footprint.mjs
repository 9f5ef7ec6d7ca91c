// What the engine takes while it has nothing to do, how soon it is ready, and how large what is installed
// for production is.
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startEngine } from './engine.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const quietMs = 3_000;

export async function measureFootprint({ record }) {
  const engine = await startEngine();
  await sleep(quietMs);
  const mib = residentMib(engine.pid);
  await engine.stop();
  const target = { of: 'the target', atMost: 1 };
  record({
    what: 'ready after the start',
    unit: 'ms',
    ours: engine.readyMs,
    mark: 1_000,
    ...target,
  });
  if (mib !== null)
    record({ what: 'resident when idle', unit: 'MiB', ours: mib, mark: 120, ...target });
  const packages = packagesMib();
  record({ what: 'packages for production', unit: 'MiB', ours: packages, mark: 90, ...target });
}

/** `null` where the system does not say. */
function residentMib(pid) {
  try {
    const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kib === undefined ? null : Number(kib) / 1_024;
  } catch {
    return null;
  }
}

/** The apparent size of all packages that are no development dependencies, as far as they are installed. */
function packagesMib() {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const folders = Object.entries(packages)
    .filter(([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional)
    .map(([path]) => join(root, path))
    .filter((path) => existsSync(path));
  return folders.reduce((sum, path) => sum + bytesBelow(path), 0) / 1_024 ** 2;
}

/** Without the packages that lie in it: they are listed by themselves. */
function bytesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return sum + lstatSync(path).size;
    return entry.name === 'node_modules' ? sum : sum + bytesBelow(path);
  }, 0);
}
