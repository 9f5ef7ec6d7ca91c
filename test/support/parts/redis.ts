import { type LocalRedis, startLocalRedis } from '../../../src/local/redis.js';
import { makeDir, onFreePort } from './place.js';

/** A Redis for one test. */
export interface TestRedis extends LocalRedis {
  /** Starts it again, on the same port and the same data, after it was stopped or killed. */
  restart(): Promise<void>;
}

/** A Redis with no data, on a loopback port. */
export function startRedisIn(dir: string): Promise<TestRedis> {
  return onFreePort(async (port) => {
    let current = await startLocalRedis({ dir, port, announce: console.log });
    return {
      url: current.url,
      get pid() {
        return current.pid;
      },
      stop: () => current.stop(),
      async restart() {
        await current.stop();
        current = await startLocalRedis({ dir, port, announce: console.log });
      },
    };
  });
}

/** A Redis for one test alone, which may kill it. Stop it at the end. */
export async function startRedis(): Promise<TestRedis> {
  return startRedisIn(await makeDir('redis'));
}
