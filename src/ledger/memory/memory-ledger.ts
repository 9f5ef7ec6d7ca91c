import type { Clock } from '../../lib/clock.js';
import type { AuditRecord } from '../audit.js';
import { createKeys } from '../keys.js';
import { type AnyLedger, composeLedger } from '../ledger.js';
import type { Transaction, TransactionResult } from '../transaction.js';
import { asTheyAre } from './codec.js';
import { createKeyspace } from './keyspace.js';
import { createMemoryStore } from './memory-store.js';
import { probeInMemory, transactInMemory } from './transact.js';

/**
 * A ledger that lies in memory and goes by any clock, for simulations: the engine works on it exactly as
 * it does on Redis. It keeps no audit trail; each record is handed out when it is committed.
 * Its ids are numbers, so that a simulation can be repeated.
 */
export function createMemoryLedger({
  clock,
  onRecord,
}: {
  readonly clock: Clock;
  readonly onRecord: (record: AuditRecord) => void;
}): AnyLedger {
  const keys = createKeys('simulation');
  const records: string[] = [];
  const space = createKeyspace({ clock, onAppend: (record) => records.push(record) });
  let lastId = 0;

  async function commit(transaction: Transaction): Promise<TransactionResult> {
    const result = transactInMemory(space, transaction);
    for (const record of records.splice(0)) onRecord(asTheyAre.read<AuditRecord>(record));
    return result;
  }

  return composeLedger({
    redis: createMemoryStore(space),
    keys,
    commit,
    probe: async (claims, nowMs) => probeInMemory(space, claims, nowMs),
    form: asTheyAre,
    newId: () => `id-${++lastId}`,
  });
}
