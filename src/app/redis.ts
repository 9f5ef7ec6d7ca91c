import type { Redis } from 'ioredis';
import { messageOf, PartMissingError } from '../errors.js';
import { createKeys } from '../ledger/keys.js';
import { readRedisSettings } from '../ledger/redis-settings.js';
import { placeOf } from '../queue/connection.js';
import { clusterAdvice, readClusterAddress } from '../redis-address.js';
import type { Connection } from './connections.js';

const oldestMajor = 7;

/**
 * Connects for the first time.
 *
 * @throws PartMissingError that says where Redis was looked for and why it cannot be used, without
 * the password that a URL may hold.
 */
export async function connectFirst(redis: Redis, redisUrl: string, cell: string): Promise<void> {
  let fault: Error | undefined;
  const listen = (error: Error) => {
    fault ??= error;
  };
  redis.on('error', listen);
  try {
    await redis.connect();
    await redis.exists(createKeys(cell).agenda);
  } catch (error) {
    if (messageOf(error).startsWith('MOVED ')) {
      throw new PartMissingError(
        `Redis at ${placeOf(redisUrl)} is a node of a Redis Cluster: ${clusterAdvice}`,
      );
    }
    throw new PartMissingError(
      `Redis at ${placeOf(redisUrl)}: ${messageOf(fault ?? error)}; check REDIS_URL, or leave it out to have a Redis started`,
    );
  } finally {
    redis.off('error', listen);
  }
}

/**
 * What the Redis is, and whether what it acknowledged outlives it.
 *
 * @throws PartMissingError when it is too old to run the ledger's scripts.
 */
export async function checkRedis(redis: Redis, redisUrl: string): Promise<Connection> {
  const { version, appendonly, appendfsync, eviction, inCluster } = await readRedisSettings(redis);
  if (Number.parseInt(version, 10) < oldestMajor) {
    throw new PartMissingError(
      `Redis is version ${version}, and Jidoka needs ${oldestMajor} or newer: upgrade it, or set REDIS_URL to a newer one`,
    );
  }
  const faults: string[] = [];
  if (inCluster && readClusterAddress(redisUrl) === null) {
    faults.push(
      `it is a node of a Redis Cluster and will not be found when it is moved: ${clusterAdvice}`,
    );
  }
  if (appendonly === false) {
    faults.push('what it acknowledged is lost when it ends: set appendonly yes');
  }
  if (eviction !== undefined && eviction !== 'noeviction') {
    faults.push(
      `it may throw alerts away when memory runs out (${eviction}): set maxmemory-policy noeviction`,
    );
  }
  if (faults.length > 0) {
    const detail = `version ${version}; ${faults.join('; ')}`;
    return { name: 'Redis', state: 'unsafe', detail };
  }
  const durability =
    appendonly === undefined || appendfsync === undefined
      ? 'whether it is durable cannot be seen: it needs appendonly yes'
      : `appendfsync ${appendfsync}`;
  return { name: 'Redis', state: 'connected', detail: `version ${version}, ${durability}` };
}
