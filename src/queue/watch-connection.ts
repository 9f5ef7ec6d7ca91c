import type { Redis } from 'ioredis';
import type { Clock } from '../lib/clock.js';
import type { Logger } from '../lib/logger.js';

/**
 * Says once that the connection to Redis is lost, and once that it is back. One connection of a
 * process is enough: the others go to the same Redis and would only say it again.
 *
 * @param options.redis is connected
 */
export function watchConnection({
  redis,
  clock,
  log,
}: {
  readonly redis: Redis;
  readonly clock: Clock;
  readonly log: Logger;
}): void {
  let lostAtMs: number | undefined;
  leaveToWatcher(redis);
  redis.on('ready', () => {
    if (lostAtMs === undefined) return;
    log.warn({ awayMs: clock.now() - lostAtMs }, 'Redis is back');
    lostAtMs = undefined;
  });
  // unlike "close" it does not come when we end the connection ourselves
  redis.on('reconnecting', () => {
    if (lostAtMs !== undefined) return;
    lostAtMs = clock.now();
    log.error('connection to Redis lost: Jidoka accepts and changes nothing until it is back');
  });
}

/** Keeps ioredis from printing each of its attempts to connect, for a connection that need not tell. */
export function leaveToWatcher(redis: Redis): void {
  redis.on('error', () => {});
}
