// On what was measured.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';

/** The machine and the versions; `versions` are those of the marks that tell theirs. */
export async function describeMachine(versions) {
  const { startRedis } = await import('./common.mjs');
  const redis = await startRedis();
  const server = /redis_version:(\S+)/.exec(await redis.client.info('server'))?.[1];
  await redis.stop();
  return {
    cpus: `${cpus().length} × ${cpus()[0]?.model.trim() || 'unknown'}`,
    memory: `${Math.round(totalmem() / 1_024 ** 3)} GiB`,
    system: `${type()} ${/^\d+\.\d+/.exec(release())?.[0] ?? ''}`,
    versions: {
      Jidoka: commit(),
      Node: process.version.slice(1),
      Redis: server ?? 'unknown',
      BullMQ: versionOf('bullmq'),
      Hono: versionOf('hono'),
      ...versions,
    },
  };
}

/** The same in a line or two. */
export function machineLines({ machine, rounds, isQuick, measuredAt }) {
  const { cpus: processors, memory, system, versions } = machine;
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${processors}, ${memory}, ${system}`,
    names.join(', '),
    `${measuredAt.slice(0, 10)}, ${rounds} ${rounds === 1 ? 'round' : 'rounds'}${isQuick ? ', --quick: too short to be exact' : ''}`,
  ];
}

function versionOf(name) {
  const path = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8')).version;
}

function commit() {
  const { version } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  );
  try {
    const options = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
    const hash = execFileSync('git', ['rev-parse', '--short', 'HEAD'], options).trim();
    return `${version} (${hash})`;
  } catch {
    return version;
  }
}
