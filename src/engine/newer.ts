import type { EngineParts } from './parts.js';

const leaveForMs = 10_000;

/**
 * Leaves an item of the agenda that this version does not know to a worker of the newer version that
 * put it there: it stays on the agenda, and is looked at again a little later, by whoever comes first.
 */
export async function leaveToNewer(
  { ledger, clock, log }: EngineParts,
  item: string,
): Promise<void> {
  log.warn({ item }, 'left to a worker of a newer version: this one does not know what it is');
  const nowMs = clock.now();
  await ledger.commit({
    checks: [],
    writes: [['ZADD', ledger.keys.agenda, 'XX', 'GT', nowMs + leaveForMs, item]],
    nowMs,
  });
}
