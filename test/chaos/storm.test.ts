import { expect, test } from 'vitest';
import { runStorm, type StormSize } from './storm.js';

/** `npm run test:chaos` sets these; without them it is the short storm that belongs to `npm test`. */
const deliveries = Number(process.env.CHAOS_DELIVERIES ?? 300);
const seed = Number(process.env.CHAOS_SEED ?? 1);
const calmMs = 120_000 + deliveries * 60;
const size: StormSize = {
  deliveries,
  kills: Math.ceil(deliveries / 50),
  restarts: Math.ceil(deliveries / 500),
  calmMs,
};

test(
  'in a storm nothing is lost, doubled, out of bounds or unexplained',
  async () => {
    const startedAt = performance.now();
    const result = await runStorm(size, seed);
    const { lost, doubled, outOfBounds, unexplained } = result;
    console.table({
      seed,
      seconds: Math.round((performance.now() - startedAt) / 1_000),
      'alerts sent': result.alerts,
      deliveries: result.deliveries,
      'refused and sent again': result.refused,
      'engine kills': result.kills,
      'Redis restarts': result.restarts,
      episodes: result.episodes,
      runs: result.runs,
      'effects on the target': result.effects,
      lost: lost.length,
      doubled: doubled.length,
      'out of bounds': outOfBounds.length,
      unexplained: unexplained.length,
    });
    expect(result.effects).toBeGreaterThan(0);
    expect(result.refused).toBeGreaterThan(0);
    expect({ lost, doubled, outOfBounds, unexplained }).toEqual({
      lost: [],
      doubled: [],
      outOfBounds: [],
      unexplained: [],
    });
  },
  deliveries * 150 + calmMs + 60_000,
);
