import type { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { checkRedis } from '../../../src/app/redis.js';
import { PartMissingError } from '../../../src/lib/errors.js';

const info = (lines: Readonly<Record<string, string>>) =>
  Object.entries({
    redis_version: '7.0.15',
    aof_enabled: '1',
    maxmemory_policy: 'noeviction',
    ...lines,
  })
    .map(([name, value]) => `${name}:${value}\r\n`)
    .join('');

function answering(lines: Readonly<Record<string, string>>, config: () => string[]): Redis {
  const redis = { info: async () => info(lines), config: async () => config() };
  return redis as unknown as Redis;
}

const url = 'redis://redis:6379';

const refusesConfig = () => {
  throw Object.assign(new Error("NOPERM this user has no permissions to run 'config'"), {
    name: 'ReplyError',
  });
};

describe('the Redis that the engine starts with', () => {
  it('is refused when it is too old for the scripts of the ledger', async () => {
    const redis = answering({ redis_version: '6.0.16' }, () => ['appendfsync', 'always']);
    await expect(checkRedis(redis, url)).rejects.toThrow(PartMissingError);
    await expect(checkRedis(redis, url)).rejects.toThrow(/6\.0\.16.*7 or newer.*REDIS_URL/);
  });

  it('is said to be unsafe when it may lose what it acknowledged', async () => {
    const redis = answering({ aof_enabled: '0' }, () => ['appendfsync', 'always']);
    expect(await checkRedis(redis, url)).toMatchObject({
      state: 'unsafe',
      detail: expect.stringContaining('appendonly yes'),
    });
  });

  it('is not called durable when it does not let that be seen', async () => {
    expect(await checkRedis(answering({}, refusesConfig), url)).toMatchObject({
      state: 'connected',
      detail: expect.stringContaining('not visible'),
    });
  });
});
