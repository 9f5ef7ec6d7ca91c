import type { Config } from '../app/config.js';
import { createLedger, type Ledger } from '../ledger/ledger.js';
import { messageOf, PartMissingError } from '../lib/errors.js';
import { localRedisSocket } from '../local/redis.js';
import { connectForRequests } from '../queue/connection.js';

/** Where an engine keeps what is to outlive it, from the folder that it is started in. */
export const dataDir = '.data';
/** Where the Redis of our own keeps its data. */
export const redisDir = `${dataDir}/redis`;

/**
 * Opens the ledger for a command that looks at it beside a running engine: in REDIS_URL, else in the
 * Redis that an engine started here runs for itself.
 *
 * @throws PartMissingError when that Redis cannot be reached.
 */
export async function visitLedger<T>(
  { redisUrl, cell }: Pick<Config, 'redisUrl' | 'cell'>,
  use: (ledger: Ledger) => Promise<T>,
): Promise<T> {
  const redis = connectForRequests(redisUrl ?? (await localRedisSocket(redisDir)), cell);
  let fault: unknown;
  redis.on('error', (error) => {
    fault = error;
  });
  try {
    await redis.connect().catch((error: unknown) => {
      const advice =
        redisUrl === undefined
          ? 'set REDIS_URL, or start the engine that runs a Redis of its own here'
          : 'check REDIS_URL';
      throw new PartMissingError(
        `Redis could not be reached: ${messageOf(fault ?? error)}; ${advice}`,
      );
    });
    return await use(createLedger({ redis, cell }));
  } finally {
    redis.disconnect();
  }
}
