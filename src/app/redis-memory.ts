import type { Redis } from 'ioredis';
import { readInfo } from '../ledger/redis-settings.js';

/** How much memory Redis takes, and how much it may take, in bytes. `undefined`: this Redis does not show it. */
export interface RedisMemory {
  readonly usedBytes: number | undefined;
  /** `maxmemory`; without one, the memory of its machine. */
  readonly limitBytes: number | undefined;
}

/**
 * Reads how full Redis is.
 *
 * @throws what ioredis throws when Redis does not answer.
 */
export async function readRedisMemory(redis: Redis): Promise<RedisMemory> {
  const info = await readInfo(redis, 'memory');
  const field = (name: string) => {
    const text = info.get(name);
    return text === undefined ? undefined : Number(text);
  };
  const usedBytes = field('used_memory');
  const limit = field('maxmemory') || field('total_system_memory');
  return { usedBytes, limitBytes: limit || undefined };
}
