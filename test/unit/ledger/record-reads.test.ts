import { expect, test } from 'vitest';
import { createMemoryLedger } from '../../../src/ledger/memory/memory-ledger.js';
import { createManualClock } from '../sim/manual-clock.js';

test('reads records by their ids as they were written, and leaves out those that are gone', async () => {
  const clock = createManualClock();
  const ledger = createMemoryLedger({ clock, onRecord: () => {} });
  const { keys, commit } = ledger;
  // one that goes on is kept as it is, one that is over as a text
  const goesOn = { id: 'r1', state: 'planning' };
  const isOver = { id: 'r2', state: 'ended' };
  await commit({
    checks: [],
    writes: [
      ['HSET', keys.run('r1'), 'data', goesOn as unknown as string],
      ['HSET', keys.run('r2'), 'data', JSON.stringify(isOver)],
    ],
    nowMs: clock.now(),
  });
  expect([...(await ledger.runs(['r2', 'gone', 'r1', 'r2']))]).toEqual([
    ['r2', isOver],
    ['r1', goesOn],
  ]);
  expect(await ledger.escalations([])).toEqual(new Map());
});
