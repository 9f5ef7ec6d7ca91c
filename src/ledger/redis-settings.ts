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
  /** It is a node of a Redis Cluster. */
  readonly inCluster: boolean;
  /** How many replicas follow it. */
  readonly replicas: number;
}

/**
 * Reads the settings. Managed Redis refuses CONFIG; most of them stand in INFO, too.
 *
 * @throws what ioredis throws when Redis does not answer.
 */
export async function readRedisSettings(redis: Redis): Promise<RedisSettings> {
  const [info, appendfsync] = await Promise.all([
    readInfo(redis),
    readConfigured(redis, 'appendfsync'),
  ]);
  const shown = (name: string) => info.get(name);
  const aof = shown('aof_enabled');
  return {
    version: shown('redis_version') ?? 'unknown',
    appendonly: aof === undefined ? undefined : aof === '1',
    appendfsync,
    lastWrite: shown('aof_last_write_status'),
    eviction: shown('maxmemory_policy'),
    inCluster: shown('cluster_enabled') === '1',
    replicas: Number(shown('connected_slaves') ?? 0),
  };
}

/**
 * Reads what a Redis says of itself, each line by its name; none where this user may not ask.
 *
 * @param section the part of it; left out, the usual ones
 * @throws what ioredis throws when Redis does not answer.
 */
export async function readInfo(
  redis: Redis,
  section?: string,
): Promise<ReadonlyMap<string, string>> {
  const text = await (section === undefined ? redis.info() : redis.info(section)).catch(refused);
  const lines = (text ?? '').split(/\r?\n/).flatMap((line) => {
    const colon = line.indexOf(':');
    return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 1)] as const] : [];
  });
  return new Map(lines);
}

/** `undefined`: it answers, and refuses the command: no permission, or renamed away. @throws the error otherwise. */
function refused(error: unknown): undefined {
  if (error instanceof Error && error.name === 'ReplyError') return undefined;
  throw error;
}

/**
 * One setting by its name; `undefined` where this Redis does not show it.
 *
 * @throws what ioredis throws when Redis does not answer.
 */
export async function readConfigured(redis: Redis, name: string): Promise<string | undefined> {
  const found = (await redis.config('GET', name).catch(refused)) as string[] | undefined;
  return found?.[1];
}
