import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TargetEvent } from '../../src/integrations/contract/evidence.js';
import { createLedger, type Ledger } from '../../src/ledger/ledger.js';
import { createTargetHistory } from '../../src/ledger/target-history.js';
import { usePart } from '../support/parts.js';

/* What happens to targets, kept in a real Redis. */

const minute = 60_000;
const beganMs = Date.parse('2026-01-31T08:00:00Z');
const scope = 'swarm.service/a';
let nowMs: number;
let redis: Redis;
let ledger: Ledger;
let history: ReturnType<typeof createTargetHistory>;

beforeEach(() => {
  nowMs = beganMs;
  redis = new Redis(usePart('redis').url);
  ledger = createLedger({ redis, cell: `test-${randomUUID()}` });
  history = createTargetHistory({ ledger, clock: { now: () => nowMs } });
});
afterEach(async () => {
  const { targetHistory, targetHistorySeen, targetVersions } = ledger.keys;
  await redis.del(targetHistory(scope), targetHistorySeen('swarm'), targetVersions('swarm'));
  await redis.quit();
});

const deployed = (atMs: number): TargetEvent => ({
  ...{ scope, kind: 'deployed', name: 'web', from: 'shop:1', to: 'shop:2', atMs },
});
const look = (isFirst: boolean, version: string | null = '7') => ({
  isFirst,
  versions: new Map([[scope, version]]),
});

test('a history is whole since the first look, and begins anew after a break', async () => {
  expect(await history.of('swarm', scope)).toEqual({
    events: [],
    wholeSinceMs: null,
    version: null,
  });
  await history.note('swarm', [deployed(nowMs)], look(true));
  nowMs += 10 * minute;
  await history.note('swarm', [], look(false));
  expect(await history.of('swarm', scope)).toEqual({
    events: [deployed(beganMs)],
    wholeSinceMs: beganMs,
    version: '7',
  });
  nowMs += minute;
  await history.note('swarm', [], look(true, '9'));
  expect(await history.of('swarm', scope)).toMatchObject({ wholeSinceMs: nowMs, version: '9' });
});

test('a history that nothing was noted in for long has a gap up to now, and begins anew', async () => {
  await history.note('swarm', [], look(true));
  nowMs += 21 * minute;
  expect(await history.of('swarm', scope)).toMatchObject({ wholeSinceMs: null });
  await history.note('swarm', []);
  expect(await history.of('swarm', scope)).toMatchObject({ wholeSinceMs: nowMs });
});

test('a target that is gone has no version', async () => {
  await history.note('swarm', [], look(true));
  await history.note('swarm', [], look(false, null));
  expect(await history.of('swarm', scope)).toMatchObject({ version: null });
});
