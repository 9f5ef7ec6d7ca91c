import { beforeEach, describe, expect, test } from 'vitest';
import type { Claim, Write } from '../../src/ledger/transaction.js';
import { useOwnKeys } from '../support/own-keys.js';
import { placeUnder, transactOne } from '../support/transact-one.js';

const { redis, key } = useOwnKeys();
const now = 1_767_225_600_000;

const claim = (claims: readonly Claim[], nowMs = now, writes: Write[] = []) =>
  transactOne(redis, placeUnder(key), { checks: [], claims, writes, nowMs });

describe('a lock', () => {
  const lock = (owner: string): Claim => ({ kind: 'lock', key: key('lock'), owner });

  test('is granted to one owner, to it again, and to nobody else, who learns its name', async () => {
    expect(await claim([lock('a')])).toEqual({ kind: 'committed' });
    expect(await claim([lock('a')])).toEqual({ kind: 'committed' });
    expect(await claim([lock('b')])).toEqual({
      kind: 'refused',
      refusals: [{ claim: 0, untilMs: null, detail: 'a' }],
    });
    expect(await redis.get(key('lock'))).toBe('a');
  });

  test('goes to exactly one of many who ask at the same time', async () => {
    const ownerSettings = Array.from({ length: 30 }, (_, index) => `run-${index}`);
    const results = await Promise.all(ownerSettings.map((owner) => claim([lock(owner)])));
    expect(results.filter(({ kind }) => kind === 'committed')).toHaveLength(1);
  });
});

describe('a rest', () => {
  const rest: Claim[] = [];
  beforeEach(() => {
    rest.splice(0, 1, { kind: 'elapsed', key: key('changed'), ms: 10_000 });
  });

  test('is granted where nothing has ever been changed', async () => {
    expect(await claim(rest)).toEqual({ kind: 'committed' });
  });

  test('is refused until it is over, to the millisecond, and says when that is', async () => {
    await redis.set(key('changed'), now);
    expect(await claim(rest, now + 9_999)).toEqual({
      kind: 'refused',
      refusals: [{ claim: 0, untilMs: now + 10_000, detail: '' }],
    });
    expect(await claim(rest, now + 10_000)).toEqual({ kind: 'committed' });
  });
});

describe('a limit', () => {
  const hour = 3_600_000;
  const limit = (member: string, count = 2, ms = hour, keepMs = hour): Claim => ({
    kind: 'window',
    key: key('admissions'),
    ms,
    count,
    member,
    keepMs,
  });

  const admissions = () => redis.zrange(key('admissions'), '0', '-1');

  test('lets so many pass, then says when the first of them leaves the window', async () => {
    expect(await claim([limit('a')], now)).toEqual({ kind: 'committed' });
    expect(await claim([limit('b')], now + 1_000)).toEqual({ kind: 'committed' });
    expect(await claim([limit('c')], now + 2_000)).toEqual({
      kind: 'refused',
      refusals: [{ claim: 0, untilMs: now + hour, detail: '' }],
    });
    expect(await claim([limit('c')], now + hour - 1)).toMatchObject({ kind: 'refused' });
    expect(await claim([limit('c')], now + hour)).toEqual({ kind: 'committed' });
    expect(await claim([limit('d')], now + hour)).toMatchObject({
      refusals: [{ untilMs: now + 1_000 + hour }],
    });
  });

  test('that was lowered waits until enough have left', async () => {
    for (const [index, member] of ['a', 'b', 'c'].entries()) {
      await claim([limit(member, 3)], now + index * 1_000);
    }
    expect(await claim([limit('d', 1)], now + 5_000)).toMatchObject({
      refusals: [{ untilMs: now + 2_000 + hour }],
    });
  });

  test('of zero lets nothing pass', async () => {
    expect(await claim([limit('a', 0)])).toMatchObject({ kind: 'refused' });
  });

  test('that is refused uses nothing up', async () => {
    await claim([limit('a', 1)]);
    for (let count = 0; count < 5; count += 1) await claim([limit(`b${count}`, 1)], now + count);
    expect(await admissions()).toEqual(['a']);
  });

  test('forgets what no window over the same key counts any more', async () => {
    await claim([limit('a', 5, 60_000, hour)], now);
    await claim([limit('b', 5, 60_000, hour)], now + hour - 1);
    expect(await admissions()).toEqual(['a', 'b']);
    await claim([limit('c', 5, 60_000, hour)], now + hour);
    expect(await admissions()).toEqual(['b', 'c']);
    const ttl = await redis.pttl(key('admissions'));
    expect(ttl).toBeGreaterThan(hour - 60_000);
    expect(ttl).toBeLessThanOrEqual(hour);
  });

  test('with a short and a long window holds both', async () => {
    const both = (member: string) => [limit(member, 1, 1_000, hour), limit(member, 2, hour, hour)];
    expect(await claim(both('a'), now)).toEqual({ kind: 'committed' });
    expect(await claim(both('b'), now + 500)).toMatchObject({ refusals: [{ claim: 0 }] });
    expect(await claim(both('b'), now + 1_000)).toEqual({ kind: 'committed' });
    expect(await claim(both('c'), now + 1_500)).toMatchObject({
      refusals: [{ claim: 0 }, { claim: 1, untilMs: now + hour }],
    });
    expect(await claim(both('c'), now + 5_000)).toMatchObject({ refusals: [{ claim: 1 }] });
  });

  test('is never passed by more at the same time', async () => {
    const members = Array.from({ length: 30 }, (_, index) => `run-${index}`);
    const results = await Promise.all(members.map((member) => claim([limit(member, 7)])));
    expect(results.filter(({ kind }) => kind === 'committed')).toHaveLength(7);
  });
});

test('where one claim is refused nothing is taken and nothing written, and every refusal is told', async () => {
  await redis.set(key('changed'), now);
  await redis.set(key('busy'), 'somebody');
  const result = await claim(
    [
      { kind: 'lock', key: key('free'), owner: 'me' },
      { kind: 'lock', key: key('busy'), owner: 'me' },
      { kind: 'elapsed', key: key('changed'), ms: 10_000 },
      { kind: 'window', key: key('room'), ms: 1_000, count: 1, member: 'me', keepMs: 1_000 },
    ],
    now,
    [['SET', key('written'), 'yes']],
  );
  expect(result).toEqual({
    kind: 'refused',
    refusals: [
      { claim: 1, untilMs: null, detail: 'somebody' },
      { claim: 2, untilMs: now + 10_000, detail: '' },
    ],
  });
  expect(await redis.exists(key('free'), key('room'), key('written'))).toBe(0);
});
