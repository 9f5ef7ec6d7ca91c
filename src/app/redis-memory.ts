import type { Redis } from 'ioredis';

/** How much memory Redis takes, and how much it may take, in bytes. */
export interface RedisMemory {
  readonly usedBytes: number;
  /** `maxmemory`; without one, the memory of its machine. `undefined`: this Redis shows neither. */
  readonly limitBytes: number | undefined;
}

/**
 * Reads how full Redis is.
 *
 * @throws what ioredis throws when Redis does not answer, or does not say.
 */
export async function readRedisMemory(redis: Redis): Promise<RedisMemory> {
  const info = await redis.info('memory');
  const field = (name: string) => {
    const text = new RegExp(`^${name}:(\\d+)\\r?$`, 'm').exec(info)?.[1];
    return text === undefined ? undefined : Number(text);
  };
  const usedBytes = field('used_memory');
  if (usedBytes === undefined) throw new Error('INFO memory of Redis does not say used_memory');
  const limit = field('maxmemory') || field('total_system_memory');
  return { usedBytes, limitBytes: limit || undefined };
}
