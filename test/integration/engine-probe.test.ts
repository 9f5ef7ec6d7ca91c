import { expect, test } from 'vitest';
import { type Claim, probe } from '../../src/ledger/transaction.js';
import { dumpKeys } from '../support/dump.js';
import { useOwnKeys } from '../support/own-keys.js';
import { placeUnder, transactOne } from '../support/transact-one.js';

/* A probe asks the same script as admission, and leaves Redis as it is. */

const { redis, key } = useOwnKeys();
const now = 1_767_225_600_000;

const radius: Claim = {
  kind: 'radius',
  key: 'touched',
  members: ['a', 'b'],
  ms: 10_000,
  count: 1,
  trips: [['SET', 'tripped', 'yes']],
};
const window: Claim = {
  kind: 'window',
  key: 'admissions',
  ms: 10_000,
  count: 1,
  member: 'run',
  keepMs: 10_000,
};
const lock: Claim = { kind: 'lock', key: 'lock', owner: 'run' };
const elapsed: Claim = { kind: 'elapsed', key: 'changed', ms: 10_000 };
const unpaused: Claim = { kind: 'unpaused', key: 'pauses', fields: ['everything', 'playbook:p'] };
const untripped: Claim = { kind: 'untripped', key: 'trip' };

/** Each kind of claim, what makes it be refused, and what is then told besides its place. */
const kinds: [string, Claim, () => Promise<unknown>, object][] = [
  ['a lock', lock, () => redis.set(key('lock'), 'other'), { untilMs: null, detail: 'other' }],
  ['a rest', elapsed, () => redis.set(key('changed'), now), { untilMs: now + 10_000 }],
  ['a limit', window, () => redis.zadd(key('admissions'), now, 'o'), { untilMs: now + 10_000 }],
  [
    'a pause',
    unpaused,
    () => redis.hset(key('pauses'), 'everything', '{"untilMs":null}'),
    { untilMs: null, detail: '{"untilMs":null}' },
  ],
  ['a trip', untripped, () => redis.set(key('trip'), 'why'), { detail: 'why' }],
  ['a radius', radius, async () => {}, { untilMs: null }],
  ['what is refused in any case', { kind: 'refused' }, async () => {}, { untilMs: null }],
];

/** The claim under keys of this test. */
function here(claim: Claim): Claim {
  if (claim.kind === 'refused') return claim;
  const trips = 'trips' in claim ? { trips: [['SET', key('tripped'), 'yes'] as const] } : {};
  return { ...claim, key: key(claim.key), ...trips };
}

const ask = (claims: readonly Claim[]) =>
  probe(redis, placeUnder(key), { claims: claims.map(here), nowMs: now });
const admit = (claims: readonly Claim[]) =>
  transactOne(redis, placeUnder(key), {
    checks: [],
    claims: claims.map(here),
    writes: [['SET', key('written'), 'yes']],
    nowMs: now,
  });

test.each(kinds)(
  '%s that is in the way is told as admission tells it, and nothing changes',
  async (_, claim, prepare, told) => {
    await prepare();
    const before = await dumpKeys(redis, key(''));
    const refusals = await ask([claim]);
    expect(refusals).toEqual([{ claim: 0, untilMs: null, detail: '', ...told }]);
    expect(await dumpKeys(redis, key(''))).toEqual(before);
    expect(await admit([claim])).toEqual({ kind: 'refused', refusals });
  },
);

test.each(kinds.filter(([, { kind }]) => kind !== 'refused'))(
  '%s that is granted is not taken by asking for it',
  async (_, claim) => {
    const granting = claim.kind === 'radius' ? { ...claim, count: 2 } : claim;
    expect(await ask([granting])).toEqual([]);
    expect(await dumpKeys(redis, key(''))).toEqual({});
    expect(await admit([granting])).toEqual({ kind: 'committed' });
    expect(Object.keys(await dumpKeys(redis, key('')))).toContain(key('written'));
  },
);

test('all that is in the way is told: each pause, and a radius behind other refusals', async () => {
  const pause = (untilMs: number | null) => JSON.stringify({ untilMs });
  await redis.hset(key('pauses'), 'everything', pause(now + 5), 'playbook:p', pause(null));
  await redis.set(key('lock'), 'other');
  const claims = [lock, unpaused, radius];
  const refusals = await ask(claims);
  expect(refusals.map(({ claim, untilMs }) => [claim, untilMs])).toEqual([
    [0, null],
    [1, now + 5],
    [1, null],
    [2, null],
  ]);
  const admitted = await admit(claims);
  expect(admitted).toEqual({ kind: 'refused', refusals: refusals.slice(0, 2) });
});
