import type { Redis } from 'ioredis';
import { createKeys } from '../ledger/keys.js';
import { isConnectionLost } from '../ledger/redis-fault.js';
import { explainRefusal, isUnknownCommand, unusable } from '../ledger/redis-refusal.js';
import { readRedisSettings } from '../ledger/redis-settings.js';
import { messageOf, PartMissingError } from '../lib/errors.js';
import { clusterAdvice, readClusterAddress } from '../lib/redis-address.js';
import { placeOf } from '../queue/connection.js';
import { probeRedis } from '../queue/probe.js';
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
    await redis.exists(createKeys(cell).schedule);
  } catch (error) {
    if (messageOf(error).startsWith('MOVED ')) {
      throw new PartMissingError(
        `Redis at ${placeOf(redisUrl)} is a node of a Redis Cluster: ${clusterAdvice}`,
      );
    }
    const said = messageOf(fault ?? error);
    const isRefused = fault === undefined && !isConnectionLost(error);
    if (isRefused || isUnknownCommand(said)) {
      throw new PartMissingError(unusable(named(redisUrl), explainRefusal(said)));
    }
    const hint =
      said.startsWith('WRONGPASS') && redisUrl.includes('%')
        ? ' (a % that belongs to the password is written %25)'
        : '';
    throw new PartMissingError(
      `Redis at ${placeOf(redisUrl)}: ${said}; check REDIS_URL${hint}, or leave it out to have a Redis started`,
    );
  } finally {
    redis.off('error', listen);
  }
}

/** A Redis for people: where it is, and which variable says so. */
function named(redisUrl: string): string {
  return `Redis at ${placeOf(redisUrl)} (REDIS_URL)`;
}

/**
 * Tries what the work needs of Redis before it begins.
 *
 * @param options.reads whether jobs are worked off here
 * @throws PartMissingError that says what Redis does not do, why, and what to do about it.
 */
export async function requireWork(
  redis: Redis,
  redisUrl: string,
  options: { readonly cell: string; readonly reads: boolean },
): Promise<void> {
  const found = await probeRedis(redis, options);
  if (found === null) return;
  throw new PartMissingError(unusable(named(redisUrl), found));
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
    faults.push('it loses acknowledged data when it ends: set appendonly yes');
  }
  if (eviction !== undefined && eviction !== 'noeviction') {
    faults.push(
      `it may delete alerts when memory runs out (${eviction}): set maxmemory-policy noeviction`,
    );
  }
  if (faults.length > 0) {
    const detail = `version ${version}; ${faults.join('; ')}`;
    return { name: 'Redis', state: 'unsafe', detail };
  }
  const durability =
    appendonly === undefined || appendfsync === undefined
      ? 'its durability is not visible: it needs appendonly yes'
      : `appendfsync ${appendfsync}`;
  return { name: 'Redis', state: 'connected', detail: `version ${version}, ${durability}` };
}
