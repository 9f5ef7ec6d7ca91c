import { createHash } from 'node:crypto';
import { access, constants, lstat, mkdir, rm } from 'node:fs/promises';
import { connect, type NetConnectOpts } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, PartMissingError } from '../lib/errors.js';
import { runs, startChild, untilReady } from './child.js';
import { ensureProgram } from './packages.js';

/** Where a Redis of our own keeps its data, and how carefully. */
export interface LocalRedisOptions {
  /** Holds the append-only file, and the socket where its path is short enough. Made if missing. */
  readonly dir: string;
  /** `always` acknowledges a write only when it is on the disk; `everysec` may lose the last second with the host, and two when it is killed while the disk is busy. */
  readonly appendfsync?: 'everysec' | 'always';
  /** Listens on this loopback port instead of a socket. */
  readonly port?: number;
  /** What Redis says, a line at a time. */
  readonly log?: (line: string) => void;
  /** Told, in one line, before Redis is installed, because that takes a while. */
  readonly announce?: (line: string) => void;
  /** Called when Redis ends and `stop` was not called: how it ended and the last it said. */
  readonly onExit?: (detail: string) => void;
}

/** A Redis that runs as a child of this process. */
export interface LocalRedis {
  /** For `new Redis(url)` and BullMQ's `connection.url`: a socket's path, or `redis://127.0.0.1:port`. */
  readonly url: string;
  readonly pid: number | undefined;
  /** Ends it after it has written everything, within 10 s. */
  stop(): Promise<void>;
}

/** How long a Redis may load its data before it counts as failed. */
const loadTimeoutMs = 300_000;
const stopTimeoutMs = 10_000;
/** How long the Redis of an engine that was just killed may take to end. */
const handoverMs = 3_000;
/** sun_path of unix(7) holds 108 bytes; what Redis adds while it binds has to fit too. */
const maxSocketPathBytes = 100;
const lockedExitCode = 75;

/** Where the Redis that an engine started on `dir` listens, for a visitor: the path of its socket. */
export function localRedisSocket(dir: string): Promise<string> {
  return socketPath(resolve(dir));
}

/**
 * Starts `redis-server` on `dir`, installing it where that is possible, and waits until it has
 * loaded its data and answers. Throws a PartMissingError when it cannot be had, does not start, or
 * already runs on that directory: two must never share one append-only file.
 *
 * Call it from the main thread (see `startChild`).
 */
export async function startLocalRedis(options: LocalRedisOptions): Promise<LocalRedis> {
  const dir = resolve(options.dir);
  await makeWritable(dir);
  const program = await findRedis(options.announce);
  const socket = options.port === undefined ? await socketPath(dir) : undefined;
  const address =
    socket === undefined ? { host: '127.0.0.1', port: options.port ?? 0 } : { path: socket };
  const taken = new PartMissingError(
    `another engine's Redis already runs on ${dir}: stop that engine, or set REDIS_URL to a Redis that both may use`,
  );
  if (socket !== undefined && !(await isSilent({ path: socket }))) throw taken;

  // the lock closes the gap between the look above and Redis' own start; the kernel drops it with the process
  const limits = ['--timeout', String(handoverMs / 1_000), '-E', String(lockedExitCode)] as const;
  const lock = ['flock', '--no-fork', ...limits, dir] as const;
  let stopping = false;
  const child = startChild({
    command: runs(['flock', '--no-fork', '--version']) ? [...lock, program, '-'] : [program, '-'],
    input: configuration({ dir, socket, port: options.port, appendfsync: options.appendfsync }),
    deathSignal: 'SIGTERM',
    onLine: options.log ?? (() => {}),
  });
  await untilReady(child, {
    ready: async () => {
      const answer = await look(address);
      return answer?.ready === true && answer.pid === child.pid;
    },
    timeoutMs: loadTimeoutMs,
    failure: (detail) =>
      detail.startsWith(`ended with code ${lockedExitCode}`)
        ? taken
        : new PartMissingError(`${program} did not start on ${dir}: it ${detail}`),
  });
  child.exited.then((detail) => {
    if (!stopping) options.onExit?.(detail);
  });
  return {
    url: socket ?? `redis://127.0.0.1:${options.port}`,
    pid: child.pid,
    async stop() {
      stopping = true;
      await child.stop(stopTimeoutMs);
      if (socket !== undefined && dirname(socket) !== dir)
        await rm(dirname(socket), { recursive: true, force: true });
    },
  };
}

async function makeWritable(dir: string): Promise<void> {
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    await access(dir, constants.W_OK);
  } catch (error) {
    throw new PartMissingError(
      `${dir}, where Redis is to keep its data, cannot be written (${messageOf(error)}): make it writable, or set REDIS_URL to a Redis that runs already`,
    );
  }
}

async function findRedis(log: LocalRedisOptions['announce']): Promise<string> {
  const wanted = { program: 'redis-server', package: 'redis-server' };
  try {
    return await ensureProgram({ ...wanted, ...(log && { log }) });
  } catch (error) {
    throw new PartMissingError(
      `${messageOf(error)}; or set REDIS_URL to a Redis that runs already`,
    );
  }
}

function configuration(options: {
  readonly dir: string;
  readonly socket: string | undefined;
  readonly port: number | undefined;
  readonly appendfsync: 'everysec' | 'always' | undefined;
}): string {
  const { dir, socket, port, appendfsync } = options;
  const lines = [
    `dir ${JSON.stringify(dir)}`,
    socket === undefined ? 'bind 127.0.0.1' : `unixsocket ${JSON.stringify(socket)}`,
    ...(socket === undefined ? [] : ['unixsocketperm 700']),
    `port ${port ?? 0}`,
    'appendonly yes',
    `appendfsync ${appendfsync ?? 'everysec'}`,
    'save ""',
    'maxmemory-policy noeviction',
  ];
  return `${lines.join('\n')}\n`;
}

/** A socket in `dir`, or in a folder of our own under the system's temporary one where the path is too long. */
async function socketPath(dir: string): Promise<string> {
  const inside = join(dir, 'redis.sock');
  // ioredis reads what follows a `?` as options
  if (Buffer.byteLength(inside) <= maxSocketPathBytes && !inside.includes('?')) return inside;
  const name = createHash('sha256').update(dir).digest('hex').slice(0, 16);
  const folder = join(tmpdir(), `jidoka-${name}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const stat = await lstat(folder);
  if (!stat.isDirectory() || stat.uid !== process.getuid?.() || (stat.mode & 0o077) !== 0) {
    throw new PartMissingError(
      `${folder} is to hold Redis' socket, but is not a folder that only this user may enter: remove it`,
    );
  }
  return join(folder, 'redis.sock');
}

/** Whether nothing listens at an address, or soon nothing does. */
async function isSilent(address: NetConnectOpts): Promise<boolean> {
  const deadline = Date.now() + handoverMs;
  while ((await look(address)) !== undefined) {
    if (Date.now() > deadline) return false;
    await delay(100);
  }
  return true;
}

/** Whether a Redis that has loaded its data answers, and its process; `undefined` where nothing listens. */
function look(
  address: NetConnectOpts,
): Promise<{ readonly ready: boolean; readonly pid: number | undefined } | undefined> {
  return new Promise((resolve) => {
    const socket = connect(address, () => socket.write('PING\r\nINFO server\r\n'));
    let said = '';
    const end = () => {
      socket.destroy();
      const pid = /^process_id:(\d+)/m.exec(said)?.[1];
      resolve({
        ready: said.startsWith('+PONG'),
        pid: pid === undefined ? undefined : Number(pid),
      });
    };
    socket.on('data', (data) => {
      said += data.toString();
      // an error instead of the answer to INFO comes to the end below, by the clock
      if (/^process_id:\d+\r/m.test(said)) end();
    });
    socket.setTimeout(1_000, end);
    socket.on('error', () => resolve(undefined));
    socket.on('close', () => resolve(undefined));
  });
}
