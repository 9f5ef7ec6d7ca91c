import { createProver, type ProverParts } from '../../src/engine/proof/prove.js';
import { createServiceList } from '../../src/engine/proof/service-list.js';
import type { Ledger } from '../../src/ledger/ledger.js';

/** The list of services of a ledger, with neither Prometheus nor Alertmanager unless they are given. */
export function serviceListOf(
  ledger: Pick<Ledger, 'keys' | 'redis'>,
  parts: Partial<ProverParts> = {},
) {
  const prove = createProver({
    ...{ prometheuses: [], alertmanagers: [], receiver: undefined },
    explain: () => Promise.reject(new Error('no engine')),
    clock: { now: Date.now },
    ...parts,
  });
  return createServiceList({ ledger, prove });
}
