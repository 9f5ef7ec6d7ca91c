import type { EngineContext } from '../../../src/engine/context/context.js';
import type { AuditRecord } from '../../../src/ledger/audit.js';
import { createMemoryLedger } from '../../../src/ledger/memory/memory-ledger.js';
import type { Save } from '../../../src/ledger/record-writes.js';
import type { Write } from '../../../src/ledger/transaction.js';
import { createLogger } from '../../../src/lib/logger.js';
import { createMetrics } from '../../../src/lib/metrics.js';
import { createLibrary } from '../../../src/playbook/library.js';
import { defaultPolicy } from '../../../src/playbook/policy.js';
import { createManualClock } from '../sim/manual-clock.js';

/** The engine's context on a ledger in memory, without playbooks, actions and targets. */
export function createMemoryContext(fields: Partial<EngineContext> = {}) {
  const clock = createManualClock();
  const records: AuditRecord[] = [];
  const ledger = createMemoryLedger({ clock, onRecord: (record) => records.push(record) });
  const context: EngineContext = {
    ledger,
    actions: new Map(),
    active: () => ({ library: createLibrary([]), policy: defaultPolicy, hash: 'h' }),
    workerAsg: '',
    fleetSize: () => null,
    wake: async () => {},
    clock,
    metrics: createMetrics(),
    log: createLogger('silent'),
    ...fields,
  };

  /** Writes records down as they are. */
  async function save(saves: readonly Save[], writes: readonly Write[] = []): Promise<void> {
    const all = [...saves.flatMap((each) => each.writes), ...writes];
    await ledger.commit({ checks: [], writes: all, nowMs: clock.now() });
  }

  return { context, ledger, clock, records, save };
}
