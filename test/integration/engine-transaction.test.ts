import { describe, expect, test } from 'vitest';
import { type Check, type Claim, transact, type Write } from '../../src/ledger/transaction.js';
import { createTransactionBatcher } from '../../src/ledger/transaction-batcher.js';
import { useOwnKeys } from '../support/own-keys.js';
import { placeUnder, transactOne } from '../support/transact-one.js';

const { redis, key } = useOwnKeys();
const now = 1_000_000;

const commit = (
  { checks = [], claims = [] }: { checks?: Check[]; claims?: Claim[] },
  writes: Write[] = [['SET', key('written'), 'yes', 'PX', 60_000]],
  nowMs = now,
) => transactOne(redis, placeUnder(key), { checks, claims, writes, nowMs });

const written = async () => (await redis.get(key('written'))) === 'yes';

describe('a check', () => {
  const holding: [string, (() => Write[]) | null, () => Check][] = [
    ['rev 0 of what is not there', null, () => ({ kind: 'rev', key: key('x'), rev: 0 })],
    [
      'the revision that a record has',
      () => [['HSET', key('x'), 'rev', 7]],
      () => ({ kind: 'rev', key: key('x'), rev: 7 }),
    ],
    [
      'the value of a field',
      () => [['HSET', key('x'), 'joinable', 1]],
      () => ({ kind: 'field', key: key('x'), field: 'joinable', value: '1' }),
    ],
    [
      'a text',
      () => [['SET', key('x'), 'esc']],
      () => ({ kind: 'string', key: key('x'), value: 'esc' }),
    ],
    [
      'the score of a member, to the millisecond',
      () => [['ZADD', key('x'), 1_767_225_600_123, 'm']],
      () => ({ kind: 'score', key: key('x'), member: 'm', score: 1_767_225_600_123 }),
    ],
    ['an empty set', null, () => ({ kind: 'set_empty', key: key('x') })],
    [
      'a set with members',
      () => [['SADD', key('x'), 'm']],
      () => ({ kind: 'set_filled', key: key('x') }),
    ],
    ['an absent key', null, () => ({ kind: 'absent', key: key('x') })],
  ];
  test.each(holding)('lets a transaction pass for %s', async (_, prepare, check) => {
    if (prepare !== null) await commit({}, prepare());
    expect(await commit({ checks: [check()] })).toEqual({ kind: 'committed' });
    expect(await written()).toBe(true);
  });

  const failing: [string, (() => Write[]) | null, () => Check][] = [
    [
      'rev 0 where there is a record',
      () => [['HSET', key('x'), 'rev', 1]],
      () => ({ kind: 'rev', key: key('x'), rev: 0 }),
    ],
    [
      'another revision',
      () => [['HSET', key('x'), 'rev', 8]],
      () => ({ kind: 'rev', key: key('x'), rev: 7 }),
    ],
    ['a revision of nothing', null, () => ({ kind: 'rev', key: key('x'), rev: 1 })],
    [
      'another value of a field',
      () => [['HSET', key('x'), 'joinable', 0]],
      () => ({ kind: 'field', key: key('x'), field: 'joinable', value: '1' }),
    ],
    [
      'a field that is not there',
      null,
      () => ({ kind: 'field', key: key('x'), field: 'joinable', value: '1' }),
    ],
    [
      'another text',
      () => [['SET', key('x'), 'other']],
      () => ({ kind: 'string', key: key('x'), value: 'esc' }),
    ],
    ['a text that is not there', null, () => ({ kind: 'string', key: key('x'), value: 'esc' })],
    [
      'another score',
      () => [['ZADD', key('x'), 1_767_225_600_124, 'm']],
      () => ({ kind: 'score', key: key('x'), member: 'm', score: 1_767_225_600_123 }),
    ],
    [
      'a member that is not there',
      null,
      () => ({ kind: 'score', key: key('x'), member: 'm', score: 0 }),
    ],
    [
      'an empty set that is not',
      () => [['SADD', key('x'), 'm']],
      () => ({ kind: 'set_empty', key: key('x') }),
    ],
    ['a filled set that is empty', null, () => ({ kind: 'set_filled', key: key('x') })],
    [
      'an absent key that is there',
      () => [['SET', key('x'), '']],
      () => ({ kind: 'absent', key: key('x') }),
    ],
  ];
  test.each(failing)('stops a transaction for %s', async (_, prepare, check) => {
    if (prepare !== null) await commit({}, prepare());
    const passing: Check = { kind: 'absent', key: key('nobody') };
    const claims: Claim[] = [{ kind: 'lock', key: key('lock'), owner: 'me' }];
    expect(await commit({ checks: [passing, check()], claims })).toEqual({
      kind: 'conflict',
      check: 1,
    });
    expect(await written()).toBe(false);
    expect(await redis.exists(key('lock'))).toBe(0);
  });
});

test('all writes happen, in their order, numbers included', async () => {
  await commit({}, [
    ['SET', key('a'), 1],
    ['INCRBY', key('a'), 41],
    ['ZADD', key('z'), 1_767_225_600_123, 'm'],
  ]);
  expect(await redis.get(key('a'))).toBe('42');
  expect(await redis.zscore(key('z'), 'm')).toBe('1767225600123');
});

test('texts that look like JSON, Lua or nothing at all arrive as they are', async () => {
  const texts = ['', '{"a":[]}', '"\\u0000"', "'; return 1 --", 'é 🚨\u2028', ' '];
  for (const text of texts) {
    await commit({}, [['SET', key('text'), text]]);
    expect(await redis.get(key('text'))).toBe(text);
  }
});

test('of many transactions on one revision exactly one is committed', async () => {
  const results = await Promise.all(
    Array.from({ length: 30 }, (_, index) =>
      commit({ checks: [{ kind: 'rev', key: key('x'), rev: 0 }] }, [
        ['HSET', key('x'), 'rev', 1, 'by', index],
      ]),
    ),
  );
  expect(results.filter(({ kind }) => kind === 'committed')).toHaveLength(1);
});

describe('transactions that are carried out together', () => {
  const setting = (name: string, checks: Check[] = []) => ({
    checks,
    writes: [['SET', key(name), 'yes', 'PX', 60_000] as const],
    nowMs: now,
  });
  const faulty = () => ({ checks: [], writes: [['INCR', key('text')] as const], nowMs: now });

  test('stand each for itself: one that meets a conflict or is at fault keeps none from its effect', async () => {
    await redis.set(key('text'), 'no number', 'PX', 60_000);
    const missing: Check = { kind: 'string', key: key('text'), value: 'something else' };
    const results = await transact(redis, placeUnder(key), [
      setting('first'),
      setting('second', [missing]),
      faulty(),
      setting('fourth'),
    ]);
    const fault = results[2];
    expect([results[0], results[1], results[3]]).toEqual([
      { kind: 'committed' },
      { kind: 'conflict', check: 0 },
      { kind: 'committed' },
    ]);
    expect(fault).toMatchObject({ name: 'ReplyError', message: expect.stringContaining('not an') });
    expect(await redis.mget(key('first'), key('second'), key('fourth'))).toEqual([
      'yes',
      null,
      'yes',
    ]);
  });

  test('see what those before them wrote', async () => {
    const absent: Check = { kind: 'absent', key: key('one') };
    const [first, second] = await transact(redis, placeUnder(key), [
      setting('one', [absent]),
      setting('one', [absent]),
    ]);
    expect([first, second]).toEqual([{ kind: 'committed' }, { kind: 'conflict', check: 0 }]);
  });

  test('go in one command when they come in one turn, and each hears its own result', async () => {
    const carried: number[] = [];
    const commitTogether = createTransactionBatcher((all) => {
      carried.push(all.length);
      return transact(redis, placeUnder(key), all);
    });
    await redis.set(key('text'), 'no number', 'PX', 60_000);
    const results = await Promise.allSettled([
      commitTogether(setting('first')),
      commitTogether(faulty()),
      commitTogether(setting('third')),
    ]);
    expect(carried).toEqual([3]);
    expect(results).toMatchObject([
      { status: 'fulfilled', value: { kind: 'committed' } },
      { status: 'rejected', reason: { name: 'ReplyError' } },
      { status: 'fulfilled', value: { kind: 'committed' } },
    ]);
  });
});
