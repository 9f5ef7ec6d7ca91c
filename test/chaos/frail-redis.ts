import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { type LocalRedis, startLocalRedis } from '../../src/local/redis.js';
import { onFreePort } from '../support/parts/place.js';
import type { Random } from './random.js';

/** A real Redis that acknowledges only what is on the disk, and what may happen to it. */
export interface FrailRedis {
  readonly url: string;
  readonly pid: number | undefined;
  /** How often it was killed and started again. */
  restarts(): number;
  /** Kills it (SIGKILL) and starts it again on the same data. */
  restart(): Promise<void>;
  /** Lets one thing go wrong for a moment, and is back when it is over. */
  suffer(random: Random): Promise<void>;
  stop(): Promise<void>;
}

/** Starts one on a loopback port. */
export async function startFrailRedis(dir: string): Promise<FrailRedis> {
  const start = (port: number) => startLocalRedis({ dir, port, appendfsync: 'always' });
  let current: LocalRedis;
  let restarts = 0;
  const port = await onFreePort(async (free) => {
    current = await start(free);
    return free;
  });
  const url = `redis://127.0.0.1:${port}`;

  async function restart(): Promise<void> {
    process.kill(current.pid ?? Number.NaN, 'SIGKILL');
    await current.stop();
    current = await start(port);
    restarts += 1;
  }

  /** Does something to it, and undoes it after a while. */
  async function during(
    ms: number,
    act: (admin: Redis) => Promise<unknown>,
    undo: (admin: Redis) => Promise<unknown>,
  ): Promise<void> {
    const admin = new Redis(url);
    await act(admin);
    await sleep(ms);
    await undo(admin);
    admin.disconnect();
  }

  return {
    url,
    get pid() {
      return current.pid;
    },
    restarts: () => restarts,
    restart,
    async suffer(random) {
      const ms = random.between(200, 2_000);
      await random.pick([
        () =>
          during(
            ms,
            (admin) => admin.client('PAUSE', ms, 'ALL'),
            async () => {},
          ),
        () =>
          during(
            ms,
            (admin) => admin.config('SET', 'maxmemory', '1mb'),
            (admin) => admin.config('SET', 'maxmemory', '0'),
          ),
        // a replica of nobody takes no writes
        () =>
          during(
            ms,
            (admin) => admin.replicaof('127.0.0.1', 1),
            (admin) => admin.replicaof('NO', 'ONE'),
          ),
      ])();
    },
    stop: () => current.stop(),
  };
}
