import { maxSkewMs } from './fence.js';
import type { AnyLedger } from './ledger.js';

/**
 * Takes the turn for a periodic task of the cell, however many workers ask for it: at most one gets
 * it in each `everyMs`. It is not given back, so a worker that dies in it costs one turn. A last turn that
 * is yet to come was taken by a clock that was ahead, and does not count.
 */
export async function takePeriodicLease(
  { keys, redis, commit }: AnyLedger,
  task: string,
  everyMs: number,
  nowMs: number,
): Promise<boolean> {
  const key = keys.turn(task);
  const last = await redis.get(key);
  const isAhead = last !== null && Number(last) > nowMs + everyMs + maxSkewMs;
  const result = await commit({
    checks: isAhead ? [{ kind: 'string', key, value: last }] : [],
    claims: isAhead ? [] : [{ kind: 'elapsed', key, ms: everyMs }],
    writes: [['SET', key, nowMs]],
    nowMs,
  });
  return result.kind === 'committed';
}
