import { Redis } from 'ioredis';
import { readClusterAddress } from '../lib/redis-address.js';
import { type ConnectionOptions, inCluster } from './redis-cluster.js';

/** Anyone who waits for an answer (an HTTP request) rather hears soon that Redis does not answer. */
const commandTimeoutMs = 5_000;

/**
 * A connection for requests: a lost Redis fails them at once, so that the sender is told to come
 * again. A Redis that hangs fails them after 5 s.
 */
export function connectForRequests(url: string, cell: string): Redis {
  return open(url, cell, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: commandTimeoutMs,
    retryStrategy,
  });
}

/** A connection for workers: commands wait until Redis is back. */
export function connectForWork(url: string, cell: string): Redis {
  return open(url, cell, { lazyConnect: true, maxRetriesPerRequest: null, retryStrategy });
}

/** A connection for one look: it is tried once, and each command fails after `timeoutMs`. */
export function connectToLook(url: string, cell: string, timeoutMs: number): Redis {
  return open(url, cell, {
    lazyConnect: true,
    enableReadyCheck: false,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
}

/** To the Redis at this address, or to that node of a Redis Cluster which holds the cell. */
function open(url: string, cell: string, options: ConnectionOptions): Redis {
  const cluster = readClusterAddress(url);
  return cluster === null
    ? new Redis(url, options)
    : new Redis({ ...options, ...inCluster(cluster, cell) });
}

function retryStrategy(attempt: number): number {
  return Math.min(50 * 2 ** attempt, 2_000);
}

/** Where a Redis is, for people: without the password that its URL may hold. */
export function placeOf(redisUrl: string): string {
  if (redisUrl.startsWith('/')) return redisUrl.split('?')[0] ?? '';
  if (readClusterAddress(redisUrl) !== null) return redisUrl.replace(/\/\/.*@/, '//');
  if (!URL.canParse(redisUrl)) return 'the address in REDIS_URL';
  const { protocol, host, pathname } = new URL(redisUrl);
  return `${protocol}//${host}${pathname}`;
}
