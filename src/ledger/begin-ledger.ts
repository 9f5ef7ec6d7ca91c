import { randomUUID } from 'node:crypto';
import type { AnyLedger } from './ledger.js';

/**
 * Gives an empty ledger its id and the time of its beginning; one that has an id stays as it is. Throws
 * what Redis throws.
 */
export async function beginLedger({ keys, commit }: AnyLedger, nowMs: number): Promise<void> {
  await commit({
    checks: [{ kind: 'absent', key: keys.ledgerId }],
    writes: [
      ['SET', keys.ledgerId, randomUUID()],
      ['SET', keys.ledgerBegan, nowMs],
    ],
    nowMs,
  });
}
