import type { Redis } from 'ioredis';

/** What has to hold for Redis to keep what it has taken. */
export type DurabilitySetting =
  | 'appendonly'
  | 'appendfsync'
  | 'aof_last_write_status'
  | 'maxmemory_policy';

/**
 * For each setting whether it is durable. `appendfsync everysec` counts: it may lose a second when the
 * machine dies. A setting that this Redis does not show (managed ones refuse CONFIG) is left out.
 *
 * @throws what ioredis throws when Redis does not answer.
 */
export async function redisDurability(
  redis: Redis,
): Promise<ReadonlyMap<DurabilitySetting, boolean>> {
  const info = readInfo(`${await redis.info('persistence')}\n${await redis.info('memory')}`);
  const values: readonly [DurabilitySetting, string | undefined, (value: string) => boolean][] = [
    ['appendonly', info.get('aof_enabled'), (value) => value === '1'],
    ['appendfsync', await configured(redis, 'appendfsync'), (value) => value !== 'no'],
    ['aof_last_write_status', info.get('aof_last_write_status'), (value) => value === 'ok'],
    ['maxmemory_policy', info.get('maxmemory_policy'), (value) => value === 'noeviction'],
  ];
  return new Map(
    values.flatMap(([setting, value, isDurable]) =>
      value === undefined ? [] : [[setting, isDurable(value)] as const],
    ),
  );
}

async function configured(redis: Redis, name: string): Promise<string | undefined> {
  try {
    const [, value] = (await redis.config('GET', name)) as string[];
    return value;
  } catch (error) {
    // ReplyError: it answers, and refuses the command
    if ((error as Error).name === 'ReplyError') return undefined;
    throw error;
  }
}

function readInfo(text: string): ReadonlyMap<string, string> {
  const lines = text.split(/\r?\n/).filter((line) => line.includes(':'));
  return new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1)] as const;
    }),
  );
}
