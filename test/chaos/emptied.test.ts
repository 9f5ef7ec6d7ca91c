import { expect, test } from 'vitest';
import { emptyAgainAndAgain } from './emptied.js';

/** `npm run test:chaos` sets these; without them it is the short one that belongs to `npm test`. */
const rounds = Math.ceil(Number(process.env.CHAOS_DELIVERIES ?? 300) / 100);
const seed = Number(process.env.CHAOS_SEED ?? 1);

test(
  'however often the ledger is emptied, nothing is done before a person accepts the new one',
  async () => {
    const { unintended, early, ...counts } = await emptyAgainAndAgain(rounds, seed);
    console.table({ seed, ...counts, unintended: unintended.length, early: early.length });
    expect(counts.effects).toBeGreaterThanOrEqual(rounds);
    expect({ unintended, early }).toEqual({ unintended: [], early: [] });
  },
  rounds * 90_000 + 120_000,
);
