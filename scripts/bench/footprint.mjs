// What the engine takes while it has nothing to do, how soon it is ready, and how large what is installed
// for production is.
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startRedis } from './common.mjs';
import { startEngine } from './engine.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const quietMs = 3_000;
const starts = 3;

/** Takes about 20 s a round. */
export async function measureFootprint({ record }) {
  const target = { of: 'the target', atMost: 1 };
  const redis = await startRedis();
  try {
    for (let start = 0; start < starts; start += 1) {
      const { readyMs, cpuMs, mib } = await measureStart({ redis });
      record({ what: 'ready after the start', unit: 'ms', ours: readyMs, mark: 1_000, ...target });
      if (mib === null) continue;
      record({ what: 'CPU time until ready', unit: 'ms', ours: cpuMs });
      record({ what: 'resident when idle', unit: 'MiB', ours: mib, mark: 120, ...target });
    }
    // a receiver alone is ready when a worker is there
    await measureStart({ redis, role: 'worker' }, async (worker) => {
      const receiver = await measureStart({ redis, role: 'receiver' });
      for (const [role, { mib }] of Object.entries({ worker, receiver })) {
        if (mib !== null)
          record({ what: `resident when idle, a ${role} alone`, unit: 'MiB', ours: mib });
      }
    });
  } finally {
    await redis.stop();
  }
  const packages = packagesMib();
  record({ what: 'packages for production', unit: 'MiB', ours: packages, mark: 90, ...target });
}

/** Starts an engine and leaves it in peace; `meanwhile` is done before it ends. */
async function measureStart(options, meanwhile = () => {}) {
  const engine = await startEngine(options);
  try {
    const cpuMs = cpuMsOf(engine.pid);
    await sleep(quietMs);
    const measured = { readyMs: engine.readyMs, cpuMs, mib: residentMib(engine.pid) };
    await meanwhile(measured);
    return measured;
  } finally {
    await engine.stop();
  }
}

/** What a process has used of all CPUs so far; `null` where the system does not say. */
function cpuMsOf(pid) {
  try {
    // man 5 proc: utime and stime in ticks, of which Linux shows 100 a second, behind the name
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return null;
  }
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
