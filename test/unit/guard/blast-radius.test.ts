import { describe, expect, test } from 'vitest';
import { notTripped, type Trip, withinRadius } from '../../../src/guard/blast-radius.js';
import { createKeys } from '../../../src/ledger/keys.js';

const keys = createKeys('cell');
const web = { id: 'swarm.service/s1', name: 'web' };
const api = { id: 'swarm.service/s2', name: 'api' };
const workers = { id: 'asg/workers', name: 'workers' };
const minute = 60_000;

function guardsOf(
  share: number | null,
  sizes: Record<string, number>,
  targets = [web, api, workers],
) {
  return withinRadius(keys, {
    radius: { targets: { count: 10, windowMs: 10 * minute }, share },
    targets,
    fleetSize: (kind) => sizes[kind] ?? null,
    reportTrip: (detail) => ({ escalationId: 'told', writes: [['SET', 'report', detail]] }),
    nowMs: 1_000,
  });
}

test('without a share all targets count together', () => {
  const claims = guardsOf(null, {}).map(({ claim }) => claim);
  expect(claims).toMatchObject([
    { key: keys.touched('all'), members: [web.id, api.id, workers.id], count: 10, ms: 600_000 },
  ]);
});

describe('a share', () => {
  test('is of the targets of one kind, besides', () => {
    const claims = guardsOf(0.25, { 'swarm.service': 43, asg: 8 }).map(({ claim }) => claim);
    expect(claims).toMatchObject([
      { key: keys.touched('all'), count: 10 },
      { key: keys.touched('swarm.service'), members: [web.id, api.id], count: 10 },
      { key: keys.touched('asg'), members: [workers.id], count: 2 },
    ]);
  });

  test.each([0, 1, 3])('of a fleet of %s is one target nonetheless', (size) => {
    const [, ofKind] = guardsOf(0.25, { asg: size }, [workers]);
    expect(ofKind?.claim).toMatchObject({ kind: 'radius', count: 1 });
  });

  test('is not of addresses that are called: they count with all others alone', () => {
    const call = { id: 'http/POST https://ci.example/', name: 'POST https://ci.example/' };
    const guards = guardsOf(0.25, { http: Number.POSITIVE_INFINITY }, [call]);
    expect(guards.map(({ claim }) => claim)).toMatchObject([
      { key: keys.touched('all'), members: [call.id], count: 10 },
    ]);
  });

  test('of a fleet of unknown size is none: it holds, and comes before what could trip', () => {
    const guards = guardsOf(0.25, { asg: 4 });
    expect(guards.map(({ claim }) => claim.kind)).toEqual(['refused', 'radius', 'radius']);
    expect(guards[0]?.explain({ claim: 0, untilMs: null, detail: '' })).toMatchObject({
      reason: 'target_unavailable',
      detail: expect.stringContaining('swarm.service'),
      untilMs: 31_000,
    });
  });
});

test('a trip is recorded with its report, and is what holds from then on', () => {
  const [guard] = guardsOf(null, {}, [web]);
  if (guard?.claim.kind !== 'radius') throw new Error('expected a radius');
  const [[, key, text] = [], ...report] = guard.claim.trips;
  const detail = 'more than 10 targets in 10 min';
  const trip: Trip = { atMs: 1_000, detail, kinds: ['all', 'swarm.service'], escalationId: 'told' };
  expect([key, JSON.parse(String(text))]).toEqual([keys.tripped, trip]);
  expect(report).toEqual([['SET', 'report', detail]]);
  const now = guard.explain({ claim: 0, untilMs: null, detail: '' });
  expect(now).toMatchObject({ reason: 'blast_radius', escalationId: 'told', untilMs: 31_000 });
  const later = notTripped(keys, 5_000).explain({ claim: 0, untilMs: null, detail: String(text) });
  expect(later).toEqual({ ...now, untilMs: 35_000 });
});
