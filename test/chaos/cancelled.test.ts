import { expect, test } from 'vitest';
import { cancelAndKill } from './cancelled.js';

/** `npm run test:chaos` sets these; without them it is the short one that belongs to `npm test`. */
const deliveries = process.env.CHAOS_DELIVERIES;
const kills = deliveries === undefined ? 20 : Math.max(200, Math.ceil(Number(deliveries) / 10));
const seed = Number(process.env.CHAOS_SEED ?? 1);

test(
  'a cancelled run never sends another change, however often engines are killed',
  async () => {
    const startedAt = performance.now();
    const { cancelled, uncancelled, ...rest } = await cancelAndKill(kills, seed);
    const { intendedAfter, sentAfter, sentWithoutIntention, locks } = rest;
    console.table({
      seed,
      seconds: Math.round((performance.now() - startedAt) / 1_000),
      'engine kills': rest.kills,
      'cancelled runs': cancelled.length,
      '… while a change was sent': rest.whileSent,
      'other runs': uncancelled.length,
    });
    expect(rest.kills).toBeGreaterThanOrEqual(kills);
    expect(cancelled.length).toBeGreaterThanOrEqual(kills);
    // the others show that these would have gone on
    expect(Math.max(...uncancelled)).toBe(4);
    expect({ intendedAfter, sentAfter, sentWithoutIntention, locks }).toEqual({
      intendedAfter: [],
      sentAfter: [],
      sentWithoutIntention: 0,
      locks: [],
    });
  },
  kills * 5_000 + 240_000,
);
