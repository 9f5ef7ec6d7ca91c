import type { Redis } from 'ioredis';

/** Every key that begins with a prefix, with all that it holds, so that two looks can be compared. */
export async function dumpKeys(redis: Redis, prefix: string): Promise<Record<string, unknown>> {
  const keys = (await redis.keys(`${prefix.replace(/[[\]*?\\]/g, '\\$&')}*`)).sort();
  const entries = keys.map(async (key) => {
    const [dump, expiresAtMs] = [await redis.dumpBuffer(key), await redis.pexpiretime(key)];
    return [key, { dump: dump?.toString('base64'), expiresAtMs }] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
