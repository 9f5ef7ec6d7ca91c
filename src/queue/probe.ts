import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { isConnectionLost } from '../ledger/redis-fault.js';
import {
  explainDenied,
  explainRefusal,
  explainUnknown,
  type RedisRefusal,
} from '../ledger/redis-refusal.js';
import { queueNames, queuePrefix } from './queues.js';

/** How long a key of the probe lasts; it is taken away at once unless the probe breaks off. */
const keyMs = 60_000;
/** How long the blocking read may wait for what is there already. */
const readWithinSeconds = 1;

/** What the ledger and the queues send, with the arguments by which Redis finds the key (K) in it. */
export const neededCommands: readonly (readonly string[])[] = [
  ...['GET', 'MGET', 'SET', 'INCR', 'DEL', 'EXISTS', 'PEXPIRE', 'PERSIST', 'PTTL'],
  ...['HGET', 'HMGET', 'HGETALL', 'HVALS', 'HLEN', 'HSTRLEN', 'HEXISTS'],
  ...['HSET', 'HMSET', 'HSETNX', 'HDEL', 'HINCRBY'],
  ...['LPUSH', 'RPUSH', 'RPOP', 'LREM', 'LTRIM', 'LRANGE', 'LINDEX', 'LLEN', 'LPOS'],
  'RPOPLPUSH K K',
  ...['SADD', 'SREM', 'SPOP', 'SMEMBERS', 'SCARD', 'SMISMEMBER', 'SRANDMEMBER', 'SINTERCARD 1 K'],
  ...['ZADD', 'ZREM', 'ZINCRBY', 'ZPOPMIN', 'ZCARD', 'ZCOUNT', 'ZSCORE', 'ZMSCORE', 'ZRANK'],
  ...['ZRANGE', 'ZREVRANGE', 'ZRANGEBYSCORE', 'ZREVRANGEBYSCORE', 'ZSCAN', 'ZUNION 1 K'],
  ...['ZREMRANGEBYSCORE', 'ZREMRANGEBYRANK'],
  ...['XADD', 'XTRIM', 'XRANGE', 'XREVRANGE'],
  ...['MULTI', 'EXEC', 'EVAL x 1 K', 'EVALSHA x 1 K'],
].map((text) => {
  const [name = '', ...rest] = text.split(' ');
  return [name, ...(rest.length === 0 ? ['K'] : rest)];
});

/*
 * KEYS: a key to write, then one of the ledger and one of each queue.
 * ARGV: how long the first lasts, and the commands as JSON.
 * Gives back the names of the commands that this user may not run on one of the keys, and of those that
 * there are not; where there are none, writes what the blocking read finds.
 */
const script = `#!lua
local denied, unknown = {}, {}
-- another program that speaks Redis' protocol may not have acl_check_cmd
for _, command in ipairs(redis.acl_check_cmd and cjson.decode(ARGV[2]) or {}) do
  local fault
  for k = 2, #KEYS do
    local call = {}
    for i, part in ipairs(command) do call[i] = part == 'K' and KEYS[k] or part end
    local known, may = pcall(redis.acl_check_cmd, unpack(call))
    if not known then fault = unknown elseif not may then fault = fault or denied end
  end
  if fault then fault[#fault + 1] = command[1] end
end
if #denied == 0 and #unknown == 0 then
  redis.call('ZADD', KEYS[1], 0, 'probe')
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
end
return { denied, unknown }
`;

type WithProbe = Redis & {
  jidokaProbe(keys: number, ...rest: (string | number)[]): Promise<[string[], string[]]>;
};

/** What Redis does not do although the work needs it. */
export interface ProbeFinding extends RedisRefusal {
  /** `write`: nothing can be taken in; `read`: what was taken in is not worked off. */
  readonly need: 'write' | 'read';
}

/**
 * Tries all that the work needs of Redis: a script that writes, the right to each command on keys of the
 * ledger and of the queues, and the blocking read with which workers wait for jobs. It leaves no key behind;
 * where it breaks off, its key expires.
 *
 * @param options.reads whether jobs are worked off here, which takes the blocking read
 * @returns `null`: all of it can be done
 * @throws what ioredis throws when Redis does not answer.
 */
export async function probeRedis(
  redis: Redis,
  { cell, reads }: { readonly cell: string; readonly reads: boolean },
): Promise<ProbeFinding | null> {
  const prefix = queuePrefix(cell);
  const name = `probe-${randomUUID()}`;
  const key = `${prefix}:ledger:${name}`;
  const queues = queueNames.map((queue) => `${prefix}:${queue}:${name}`);
  const write = await attempt('write', async () => {
    const client = redis as WithProbe;
    if (client.jidokaProbe === undefined) redis.defineCommand('jidokaProbe', { lua: script });
    const keys = [key, key, ...queues];
    const all = JSON.stringify(neededCommands);
    const [denied, unknown] = await client.jidokaProbe(keys.length, ...keys, keyMs, all);
    if (unknown.length > 0) return explainUnknown(unknown);
    if (denied.length > 0) return explainDenied(denied);
    return null;
  });
  if (write !== null) return write;
  const read = await attempt('read', async () => {
    if (!reads || (await redis.bzpopmin(key, readWithinSeconds)) !== null) return null;
    return {
      answer: 'nothing',
      text: 'a blocking read (bzpopmin) does not get what is there',
      advice: 'set REDIS_URL to a Redis, without a proxy that does not pass blocking reads on',
    };
  });
  if (!reads || read !== null) await redis.del(key);
  return read;
}

/** @throws what says that there is no connection. */
async function attempt(
  need: ProbeFinding['need'],
  call: () => Promise<RedisRefusal | null>,
): Promise<ProbeFinding | null> {
  try {
    const refusal = await call();
    return refusal && { need, ...refusal };
  } catch (error) {
    if (isConnectionLost(error) || !(error instanceof Error)) throw error;
    return { need, ...explainRefusal(error.message) };
  }
}
