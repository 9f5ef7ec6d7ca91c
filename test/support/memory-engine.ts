import type { AuditRecord } from '../../src/ledger/audit.js';
import { asTheyAre } from '../../src/ledger/memory/codec.js';
import { createMemoryLedger } from '../../src/ledger/memory/memory-ledger.js';
import { createManualClock } from '../unit/sim/manual-clock.js';
import { type BenchOptions, createBench } from './bench.js';
import { recordedOnly } from './recorded.js';

export { calling, scaleUp } from './bench.js';

/** A bench on a ledger in memory. */
export type Bench = ReturnType<typeof startBench>;

export function startBench(options: BenchOptions) {
  const clock = createManualClock();
  const records: AuditRecord[] = [];
  const ledger = createMemoryLedger({ clock, onRecord: (record) => records.push(record) });
  const subjects = { runs: 'run', escalations: 'escalation' } as const;
  return createBench(
    {
      ledger: recordedOnly(ledger, asTheyAre),
      clock,
      async ids(of) {
        const about = records.filter(({ subject }) => subject === subjects[of]);
        return [...new Set(about.map(({ id }) => id))];
      },
      records: async () => records,
    },
    options,
  );
}
