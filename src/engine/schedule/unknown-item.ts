import type { EngineContext } from '../context/context.js';

const leaveForMs = 10_000;

/**
 * Leaves an item of the schedule that this version does not know to a worker of the newer version that
 * put it there: it stays on the schedule, and is looked at again a little later, by the first worker that comes.
 */
export async function postponeUnknownItem(
  { ledger, clock, log }: EngineContext,
  item: string,
): Promise<void> {
  log.warn({ item }, 'unknown item left to a newer worker');
  const nowMs = clock.now();
  await ledger.commit({
    checks: [],
    writes: [['ZADD', ledger.keys.schedule, 'XX', 'GT', nowMs + leaveForMs, item]],
    nowMs,
  });
}
