import type { Redis } from 'ioredis';
import { messageOf, PartMissingError } from '../errors.js';
import type { Connection } from './connections.js';

const oldestMajor = 7;

/**
 * Connects for the first time.
 *
 * @throws PartMissingError that says where Redis was looked for and why it cannot be used, without
 * the password that a URL may hold.
 */
export async function connectFirst(redis: Redis, redisUrl: string): Promise<void> {
  let fault: Error | undefined;
  const listen = (error: Error) => {
    fault ??= error;
  };
  redis.on('error', listen);
  try {
    await redis.connect();
    await redis.ping();
  } catch (error) {
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
export async function checkRedis(redis: Redis): Promise<Connection> {
  const version = (await redis.info('server')).match(/redis_version:(\S+)/)?.[1] ?? 'unknown';
  if (Number.parseInt(version, 10) < oldestMajor) {
    throw new PartMissingError(
      `Redis is version ${version}, and Jidoka needs ${oldestMajor} or newer: upgrade it, or set REDIS_URL to a newer one`,
    );
  }
  const settings = await readSettings(redis);
  if (settings === undefined) {
    const detail = `version ${version}; whether it is durable cannot be seen (CONFIG is not allowed): it needs appendonly yes and maxmemory-policy noeviction`;
    return { name: 'Redis', state: 'connected', detail };
  }
  const { appendonly, appendfsync, 'maxmemory-policy': eviction } = settings;
  const faults = [
    ...(appendonly === 'yes'
      ? []
      : ['what it acknowledged is lost when it ends: set appendonly yes']),
    ...(eviction === 'noeviction'
      ? []
      : [
          `it may throw alerts away when memory runs out (${eviction}): set maxmemory-policy noeviction`,
        ]),
  ];
  if (faults.length > 0) {
    const detail = `version ${version}; ${faults.join('; ')}`;
    return { name: 'Redis', state: 'unsafe', detail };
  }
  return {
    name: 'Redis',
    state: 'connected',
    detail: `version ${version}, appendfsync ${appendfsync}`,
  };
}

async function readSettings(redis: Redis): Promise<Record<string, string> | undefined> {
  const names = ['appendonly', 'appendfsync', 'maxmemory-policy'];
  try {
    const flat = (await redis.config('GET', ...(names as [string]))) as string[];
    return Object.fromEntries(
      flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? '']] : [])),
    );
  } catch {
    return undefined;
  }
}

function placeOf(redisUrl: string): string {
  if (!URL.canParse(redisUrl)) return redisUrl;
  const { protocol, host, pathname } = new URL(redisUrl);
  return `${protocol}//${host}${pathname}`;
}
