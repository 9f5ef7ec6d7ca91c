import type { Redis } from 'ioredis';
import { readRedisSettings } from '../ledger/redis-settings.js';

/** What has to hold for Redis to keep what it has taken. */
export type DurabilitySetting =
  | 'appendonly'
  | 'appendfsync'
  | 'aof_last_write_status'
  | 'maxmemory_policy';

/**
 * For each setting whether it is durable. `appendfsync everysec` counts: it may lose a second or two when
 * the machine dies or Redis is killed. A setting that this Redis does not show is left out.
 *
 * @throws what ioredis throws when Redis does not answer.
 */
export async function redisDurability(
  redis: Redis,
): Promise<ReadonlyMap<DurabilitySetting, boolean>> {
  const { appendonly, appendfsync, lastWrite, eviction } = await readRedisSettings(redis);
  const durable = new Map<DurabilitySetting, boolean>();
  if (appendonly !== undefined) durable.set('appendonly', appendonly);
  if (appendfsync !== undefined) durable.set('appendfsync', appendfsync !== 'no');
  if (lastWrite !== undefined) durable.set('aof_last_write_status', lastWrite === 'ok');
  if (eviction !== undefined) durable.set('maxmemory_policy', eviction === 'noeviction');
  return durable;
}
