import {
  type LocalRedis,
  type LocalRedisOptions,
  startLocalRedis,
} from '../../../src/local/redis.js';
import { makeDir, onFreePort } from './place.js';

/** A Redis for one test. */
export interface TestRedis extends LocalRedis {
  /** Starts it again, on the same port and the same data, after it was stopped or killed. */
  restart(): Promise<void>;
}

/** How carefully it keeps what it takes; without it, as the engine's own Redis does. */
type Care = Pick<LocalRedisOptions, 'appendfsync'>;

/** A Redis with no data, on a loopback port. */
export function startRedisIn(dir: string, care: Care = {}): Promise<TestRedis> {
  return onFreePort(async (port) => {
    const start = () => startLocalRedis({ dir, port, announce: console.log, ...care });
    let current = await start();
    return {
      url: current.url,
      get pid() {
        return current.pid;
      },
      stop: () => current.stop(),
      async restart() {
        await current.stop();
        current = await start();
      },
    };
  });
}

/** A Redis for one test alone, which may kill it. Stop it at the end. */
export async function startRedis(care?: Care): Promise<TestRedis> {
  return startRedisIn(await makeDir('redis'), care);
}
