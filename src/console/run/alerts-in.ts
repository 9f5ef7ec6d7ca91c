import type { AuditRecord } from '../../ledger/audit.js';

/** An id of an episode: its identity and a running number. */
const episodeId = /[0-9a-f]{16,64}-\d+$/;

/** The ids of the alerts that began a run or joined it, as its records say, in that order. */
export function alertsIn(trail: readonly AuditRecord[]): readonly string[] {
  const ids = trail
    .filter(({ event }) => event === 'admitted' || event === 'asked' || event === 'joined')
    .flatMap(({ detail = '' }) => episodeId.exec(detail)?.[0] ?? []);
  return [...new Set(ids)];
}
