import type { Redis } from 'ioredis';

/** What decides whether Redis keeps what it has taken; `undefined` where this Redis does not show it. */
export interface RedisSettings {
  readonly version: string;
  readonly appendonly: boolean | undefined;
  /** `always`, `everysec` or `no`. */
  readonly appendfsync: string | undefined;
  /** `ok`, or `err` when the append-only file could not be written. */
  readonly lastWrite: string | undefined;
  /** `maxmemory-policy`. */
  readonly eviction: string | undefined;
}

/**
 * Reads the settings. Managed Redis refuses CONFIG; most of them stand in INFO, too.
 *
 * @throws what ioredis throws when Redis does not answer.
 */
export async function readRedisSettings(redis: Redis): Promise<RedisSettings> {
  const [info, appendfsync] = await Promise.all([redis.info(), configured(redis, 'appendfsync')]);
  const shown = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const aof = shown('aof_enabled');
  return {
    version: shown('redis_version') ?? 'unknown',
    appendonly: aof === undefined ? undefined : aof === '1',
    appendfsync,
    lastWrite: shown('aof_last_write_status'),
    eviction: shown('maxmemory_policy'),
  };
}

async function configured(redis: Redis, name: string): Promise<string | undefined> {
  try {
    const [, value] = (await redis.config('GET', name)) as string[];
    return value;
  } catch (error) {
    // it answers, and refuses the command: no permission, or renamed away
    if (error instanceof Error && error.name === 'ReplyError') return undefined;
    throw error;
  }
}
