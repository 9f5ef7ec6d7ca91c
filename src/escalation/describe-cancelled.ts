import type { Run } from '../ledger/run.js';
import { formatTime } from '../lib/time.js';

/** Why a run can no longer be cancelled: who cancelled it before, or when it ended. */
export function describeCancelled({ cancelled, endedAtMs }: Run): string {
  if (cancelled !== undefined) {
    return `${cancelled.by} cancelled the run at ${formatTime(cancelled.atMs)}.`;
  }
  return endedAtMs === null ? 'The run has ended.' : `The run ended at ${formatTime(endedAtMs)}.`;
}
