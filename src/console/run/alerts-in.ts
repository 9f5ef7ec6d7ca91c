import type { AuditRecord } from '../../ledger/audit.js';

/** The ids of the alerts that began a run or joined it, as its records say, in that order. */
export function alertsIn(trail: readonly AuditRecord[]): readonly string[] {
  return [...new Set(trail.flatMap(({ alert }) => alert ?? []))];
}
