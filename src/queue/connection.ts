import { Redis } from 'ioredis';

/** Whoever waits for an answer (an HTTP request) rather hears soon that Redis does not answer. */
const commandTimeoutMs = 5_000;

/**
 * A connection for requests: a lost Redis fails them at once, so that the sender is told to come
 * again. A Redis that hangs fails them after 5 s.
 */
export function connectForRequests(url: string): Redis {
  return new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: commandTimeoutMs,
    retryStrategy,
  });
}

/** A connection for workers: commands wait until Redis is back. */
export function connectForWork(url: string): Redis {
  return new Redis(url, { lazyConnect: true, maxRetriesPerRequest: null, retryStrategy });
}

/** A connection for one look: it is tried once, and each command fails after `timeoutMs`. */
export function connectToLook(url: string, timeoutMs: number): Redis {
  return new Redis(url, {
    lazyConnect: true,
    enableReadyCheck: false,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
}

function retryStrategy(attempt: number): number {
  return Math.min(50 * 2 ** attempt, 2_000);
}

/** Where a Redis is, for people: without the password that its URL may hold. */
export function placeOf(redisUrl: string): string {
  if (redisUrl.startsWith('/')) return redisUrl.split('?')[0] ?? '';
  if (!URL.canParse(redisUrl)) return 'the address in REDIS_URL';
  const { protocol, host, pathname } = new URL(redisUrl);
  return `${protocol}//${host}${pathname}`;
}
