import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createFleet } from '../../../src/integrations/fleet.js';
import { createManualClock } from '../sim/manual-clock.js';

const minute = 60_000;

function startFleet() {
  const clock = createManualClock();
  const sizes: Record<string, number | Error> = { 'swarm.service': 40, asg: 3 };
  const count = (kind: string) => async () => {
    const size = sizes[kind];
    if (typeof size !== 'number') throw size;
    return size;
  };
  const counts = { 'swarm.service': count('swarm.service'), asg: count('asg') };
  return { fleet: createFleet({ counts, clock, log: pino({ level: 'silent' }) }), clock, sizes };
}

test('a size is unknown until it was read, and for a kind that is not counted', async () => {
  const { fleet } = startFleet();
  expect(fleet.size('asg')).toBeNull();
  await fleet.read();
  expect([fleet.size('swarm.service'), fleet.size('asg'), fleet.size('node')]).toEqual([
    40,
    3,
    null,
  ]);
});

test('a failed read is never a zero, and takes no other with it', async () => {
  const { fleet, clock, sizes } = startFleet();
  await fleet.read();
  sizes.asg = new Error('throttled');
  sizes['swarm.service'] = 41;
  clock.advance(10 * minute);
  await fleet.read();
  expect([fleet.size('swarm.service'), fleet.size('asg')]).toEqual([41, 3]);
});

test('a size that was read too long ago is not relied on', async () => {
  const { fleet, clock } = startFleet();
  await fleet.read();
  clock.advance(15 * minute);
  expect(fleet.size('asg')).toBe(3);
  clock.advance(1);
  expect(fleet.size('asg')).toBeNull();
});

test('a kind that nobody counts is infinite, and one that is not configured stays unknown', async () => {
  const counts = { http: 'uncounted', asg: async () => null } as const;
  const clock = createManualClock();
  const fleet = createFleet({ counts, clock, log: pino({ level: 'silent' }) });
  await fleet.read();
  expect([fleet.size('http'), fleet.size('asg')]).toEqual([Number.POSITIVE_INFINITY, null]);
});
