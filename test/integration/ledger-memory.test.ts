import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Store } from '../../src/ledger/store.js';
import type { Check, Claim, Transaction, Write } from '../../src/ledger/transaction.js';
import { memoryPlace, redisPlace } from '../support/memory-twin.js';
import { usePart } from '../support/parts.js';

let redis: Redis;
beforeAll(() => {
  redis = new Redis(usePart('redis').url);
});
afterAll(async () => {
  await redis.quit();
});

const hour = 3_600_000;
const long = fc.constantFrom(2 * hour, 5 * hour, 9 * hour);
const member = fc.constantFrom('a', 'b', 'c', 'd');
/** Times and scores lie hours apart, so that nothing ends while the test itself takes its time. */
const score = fc.integer({ min: 0, max: 20 }).map((hours) => hours * hour);
const texts = fc.constantFrom('string-1', 'string-2');
const hashes = fc.constantFrom('hash-1', 'hash-2');
const sets = fc.constantFrom('set-1', 'set-2');
const sorted = fc.constantFrom('sorted-1', 'sorted-2');
const anyKey = fc.oneof(texts, hashes, sets, sorted);
const pauses = fc.constantFrom(
  JSON.stringify({ untilMs: null }),
  JSON.stringify({ reason: 'without an end' }),
  ...[3, 8, 15].map((hours) => JSON.stringify({ untilMs: hours * hour })),
);

const write: fc.Arbitrary<Write> = fc.oneof(
  fc.tuple(fc.constant('SET'), texts, score),
  fc.tuple(fc.constant('SET'), texts, member, fc.constant('PX'), long),
  fc.tuple(fc.constant('DEL'), anyKey, anyKey),
  fc.tuple(fc.constant('PEXPIRE'), anyKey, long),
  fc.tuple(fc.constant('PERSIST'), anyKey),
  fc.tuple(fc.constant('HSET'), hashes, fc.constant('rev'), score, member, member),
  fc.tuple(fc.constant('HSET'), fc.constant('pauses'), member, pauses),
  fc.tuple(fc.constant('HDEL'), hashes, member, fc.constant('rev')),
  fc.tuple(fc.constant('HINCRBY'), hashes, fc.constant('joined'), score),
  fc.tuple(fc.constant('SADD'), sets, member),
  fc.tuple(fc.constant('SREM'), sets, member, member),
  fc.tuple(fc.constant('ZADD'), sorted, score, member),
  fc.tuple(fc.constant('ZADD'), sorted, fc.constantFrom('NX', 'XX', 'GT', 'LT'), score, member),
  fc.tuple(fc.constant('ZADD'), sorted, fc.constant('XX'), fc.constant('GT'), score, member),
  fc.tuple(fc.constant('ZREM'), sorted, member),
);

const check: fc.Arbitrary<Check> = fc.oneof(
  fc.record({ kind: fc.constant('rev'), key: hashes, rev: score }),
  fc.record({ kind: fc.constant('field'), key: hashes, field: member, value: member }),
  fc.record({ kind: fc.constant('no_field'), key: hashes, field: member }),
  fc.record({ kind: fc.constant('string'), key: texts, value: score.map(String) }),
  fc.record({ kind: fc.constant('score'), key: sorted, member, score }),
  fc.record({ kind: fc.constantFrom('set_empty', 'set_filled'), key: sets }),
  fc.record({ kind: fc.constant('absent'), key: anyKey }),
);

const window = fc.constantFrom(4 * hour, 8 * hour, 99 * hour);
const count = fc.integer({ min: 1, max: 3 });
const claim: fc.Arbitrary<Claim> = fc.oneof(
  fc.record({ kind: fc.constant('lock'), key: texts, owner: member }),
  fc.record({ kind: fc.constant('elapsed'), key: fc.constant('string-3'), ms: score }),
  fc.record({
    kind: fc.constant('window'),
    key: sorted,
    ms: window,
    count,
    member,
    keepMs: fc.constant(12 * hour),
  }),
  fc.record({
    kind: fc.constant('unpaused'),
    key: fc.constant('pauses'),
    fields: fc.array(member, { maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant('untripped'), key: texts }),
  fc.record({ kind: fc.constant('refused') }),
);
const radius: fc.Arbitrary<Claim> = fc.record({
  kind: fc.constant('radius'),
  key: fc.constantFrom('sorted-3', 'sorted-4'),
  members: fc.uniqueArray(member, { maxLength: 3 }),
  ms: fc.constantFrom(8 * hour, 99 * hour),
  count,
  trips: fc.array(write, { maxLength: 2 }),
});

/** Every second time; most of the transactions are to be committed. */
function often<T>(some: fc.Arbitrary<T[]>): fc.Arbitrary<T[]> {
  return fc.oneof(fc.constant<T[]>([]), some);
}

const transaction: fc.Arbitrary<Transaction> = fc.record({
  checks: often(fc.array(check, { minLength: 1, maxLength: 2 })),
  claims: often(
    fc
      .tuple(fc.array(claim, { maxLength: 2 }), fc.array(radius, { maxLength: 2 }))
      .map(([first, last]) => [...first, ...last]),
  ),
  writes: fc
    .tuple(fc.array(write, { minLength: 2, maxLength: 10 }), score)
    .map(([writes, at]): Write[] => [...writes, ['SET', 'string-3', at]]),
  nowMs: fc.integer({ min: 0, max: 25 }).map((hours) => hours * hour),
});

/** What a probe asks, in any order. */
const asked = fc.record({
  claims: fc.array(fc.oneof(claim, radius), { minLength: 1, maxLength: 6 }),
  nowMs: fc.integer({ min: 0, max: 25 }).map((hours) => hours * hour),
});

/** The transaction with every key under a prefix. */
function under(prefix: string, { checks, claims = [], writes, nowMs }: Transaction): Transaction {
  const key = (name: string) => `${prefix}${name}`;
  const written = (all: readonly Write[]) =>
    all.map(([command, first, ...rest]): Write => {
      const keys = command === 'DEL' ? rest.map((each) => key(String(each))) : rest;
      return [command, key(String(first)), ...keys];
    });
  return {
    checks: checks.map((each) => ({ ...each, key: key(each.key) })),
    claims: claims.map((each) => {
      if (each.kind === 'refused') return each;
      if (each.kind !== 'radius') return { ...each, key: key(each.key) };
      return { ...each, key: key(each.key), trips: written(each.trips) };
    }),
    writes: written(writes),
    nowMs,
  };
}

/** Everything that the engine reads with; what a set holds has no order. */
async function reads(store: Store, prefix: string): Promise<unknown> {
  const key = (name: string) => `${prefix}${name}`;
  return [
    await store.get(key('string-1')),
    await store.mget([key('string-1'), key('string-2'), key('nothing')]),
    await store.hget(key('hash-1'), 'rev'),
    await store.hmget(key('hash-1'), 'rev', 'a', 'nothing'),
    (await store.hvals(key('hash-1'))).sort(),
    await store.zrangebyscore(key('sorted-1'), '-inf', 12 * hour, 'LIMIT', 1, 2),
    await store.zrangebyscore(key('sorted-1'), '-inf', 12 * hour, 'WITHSCORES', 'LIMIT', 0, 3),
    await store
      .pipeline()
      .hget(key('hash-1'), 'joined')
      .hmget(key('hash-2'), 'rev', 'b')
      .hexists(key('hash-1'), 'a')
      .scard(key('set-1'))
      .sintercard(2, key('set-1'), key('set-2'))
      .smismember(key('set-1'), 'a', 'b')
      .exec(),
  ];
}

test('the ledger in memory answers random transactions as Redis does, and holds the same after them', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(transaction, { minLength: 1, maxLength: 25 }), async (all) => {
      const real = redisPlace(redis);
      const memory = memoryPlace();
      for (const each of all) {
        const prefixed = under(real.prefix, each);
        expect(await memory.transact(prefixed)).toEqual(await real.transact(prefixed));
      }
      expect(await memory.contents()).toEqual(await real.contents());
      expect(await reads(memory.store, real.prefix)).toEqual(await reads(real.store, real.prefix));
    }),
    { numRuns: 300 },
  );
});

test('probes in memory tell all that is in the way as Redis does, and change nothing in either', async () => {
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(transaction, { minLength: 1, maxLength: 15 }),
      fc.array(asked, { minLength: 1, maxLength: 5 }),
      async (all, questions) => {
        const real = redisPlace(redis);
        const memory = memoryPlace();
        for (const each of all) {
          const prefixed = under(real.prefix, each);
          await real.transact(prefixed);
          await memory.transact(prefixed);
        }
        const before = await real.contents();
        for (const { claims, nowMs } of questions) {
          const { claims: prefixed = [] } = under(real.prefix, {
            checks: [],
            claims,
            writes: [],
            nowMs,
          });
          const answer = await real.probe(prefixed, nowMs);
          expect(await memory.probe(prefixed, nowMs)).toEqual(answer);
          refused += answer.length;
        }
        expect(await real.contents()).toEqual(before);
        expect(await memory.contents()).toEqual(before);
      },
    ),
    { numRuns: 200 },
  );
  expect(refused).toBeGreaterThan(100);
});

test('what the engine writes outside of transactions leaves both with the same', async () => {
  const command = fc.oneof(
    fc.record({ name: fc.constant('incr'), key: fc.constant('count') }),
    fc.record({ name: fc.constant('pexpire'), key: anyKey, ms: long }),
    fc.record({ name: fc.constant('del'), key: fc.oneof(anyKey, fc.constant('count')) }),
    fc.record({ name: fc.constant('hset'), key: hashes, member, score }),
    fc.record({ name: fc.constant('sadd'), key: sets, member }),
    fc.record({ name: fc.constant('spop'), key: sets }),
    fc.record({ name: fc.constant('trim'), key: sorted, score }),
    fc.record({ name: fc.constant('zadd'), key: sorted, member, score }),
  );
  async function execute(
    { store, transact }: ReturnType<typeof memoryPlace>,
    prefix: string,
    each: typeof command extends fc.Arbitrary<infer T> ? T : never,
  ): Promise<unknown> {
    const key = `${prefix}${each.key}`;
    switch (each.name) {
      case 'incr':
        return store.incr(key);
      case 'pexpire':
        return store.pexpire(key, each.ms);
      case 'del':
        return store.del(key);
      case 'hset':
        return store.hset(key, each.member, each.score);
      case 'sadd':
        return store.sadd(key, each.member);
      case 'spop':
        return (await store.spop(key, 10)).sort();
      case 'trim':
        return store.pipeline().zremrangebyscore(key, '-inf', each.score).exec();
      case 'zadd': {
        const writes: Write[] = [['ZADD', key, each.score, each.member]];
        return transact({ checks: [], writes, nowMs: 0 });
      }
    }
  }
  await fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 20 }), async (all) => {
      const real = redisPlace(redis);
      const memory = memoryPlace();
      for (const each of all) {
        const answer = await execute(memory, real.prefix, each);
        expect(answer).toEqual(await execute({ ...real, appended: [] }, real.prefix, each));
      }
      expect(await memory.contents()).toEqual(await real.contents());
    }),
    { numRuns: 150 },
  );
});
