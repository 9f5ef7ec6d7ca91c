import { expect, test } from 'vitest';
import { createEngine } from '../../../src/engine/engine.js';
import { scheduleItem } from '../../../src/ledger/schedule-item.js';
import type { Write } from '../../../src/ledger/transaction.js';
import { createMemoryContext } from './memory-context.js';

const minute = 60_000;

test('evidence that waits for a system which hangs does not keep the sweep from a run, and is taken up again', async () => {
  const woken: string[] = [];
  const { context, ledger, clock, save } = createMemoryContext({
    wake: async (item) => void woken.push(item),
  });
  const engine = createEngine(context);
  // as many as one sweep takes up, and all are due longer than the run is
  const evidence = Array.from({ length: 1_000 }, (_, index) =>
    scheduleItem('evidence', `e${index}`),
  );
  const run = scheduleItem('run', 'r1');
  const due = (item: string, atMs: number): Write => ['ZADD', ledger.keys.schedule, atMs, item];
  const nowMs = clock.now();
  await save([], [...evidence.map((item) => due(item, nowMs)), due(run, nowMs + 1)]);

  clock.advance(minute);
  await engine.sweep();
  expect(woken).toHaveLength(1_000);
  expect(woken).not.toContain(run);
  await engine.sweep();
  expect(woken.slice(1_000)).toEqual([run]);

  clock.advance(2 * minute);
  await engine.sweep();
  await engine.sweep();
  expect(woken.filter((item) => item === evidence[0])).toHaveLength(2);
});
