/**
 * What the engine asks of the place where the ledger lies, besides transactions: the commands of Redis
 * that it reads with, and the few that it writes with outside of one. ioredis is a store as it is;
 * `memory/` is another, for simulations. Whatever needs more than this works on Redis only.
 */
export interface Store {
  get(key: string): Promise<string | null>;
  mget(keys: string[]): Promise<(string | null)[]>;
  incr(key: string): Promise<number>;
  pexpire(key: string, ms: number): Promise<number>;
  del(key: string): Promise<number>;
  hget(key: string, field: string): Promise<string | null>;
  hmget(key: string, ...fields: string[]): Promise<(string | null)[]>;
  hvals(key: string): Promise<string[]>;
  hset(key: string, field: string, value: string | number): Promise<number>;
  sadd(key: string, member: string): Promise<number>;
  smembers(key: string): Promise<string[]>;
  spop(key: string, count: number): Promise<string[]>;
  zrangebyscore(
    key: string,
    min: '-inf',
    max: number,
    limit: 'LIMIT',
    offset: number,
    count: number,
  ): Promise<string[]>;
  zrangebyscore(
    key: string,
    min: '-inf',
    max: number,
    withScores: 'WITHSCORES',
    limit: 'LIMIT',
    offset: number,
    count: number,
  ): Promise<string[]>;
  pipeline(): StorePipeline;
}

/** Commands whose answers are waited for together. */
export interface StorePipeline {
  hget(key: string, field: string): StorePipeline;
  hmget(key: string, ...fields: string[]): StorePipeline;
  hexists(key: string, field: string): StorePipeline;
  scard(key: string): StorePipeline;
  sintercard(numberOfKeys: number, ...keys: string[]): StorePipeline;
  smismember(key: string, ...members: string[]): StorePipeline;
  zremrangebyscore(key: string, min: '-inf', max: number): StorePipeline;
  exec(): Promise<[error: Error | null, answer: unknown][] | null>;
}
