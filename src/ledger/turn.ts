import type { AnyLedger } from './ledger.js';

/**
 * Takes the turn for a periodic task of the cell, however many workers ask for it: at most one gets
 * it in each `everyMs`. It is not given back, so a worker that dies in it costs one turn.
 */
export async function takeTurn(
  { keys, commit }: AnyLedger,
  task: string,
  everyMs: number,
  nowMs: number,
): Promise<boolean> {
  const key = keys.turn(task);
  const result = await commit({
    checks: [],
    claims: [{ kind: 'elapsed', key, ms: everyMs }],
    writes: [['SET', key, nowMs]],
    nowMs,
  });
  return result.kind === 'committed';
}
