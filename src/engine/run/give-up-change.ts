import type { StoredRun } from '../../ledger/reads.js';
import type { Reason } from '../../ledger/reason.js';
import type { Run } from '../../ledger/run.js';
import { continued, currentAttempt } from '../../ledger/run-transitions.js';
import type { Write } from '../../ledger/transaction.js';
import type { EngineParts } from '../parts.js';
import { commitRun } from './commit-run.js';
import { giveUp } from './end-run.js';

/**
 * The change in work has come to nothing. Within a sequence its action says what is made of that (a node
 * that was drained in vain takes tasks again); else the run gives up.
 */
export async function giveUpChange(
  parts: EngineParts,
  stored: StoredRun,
  run: Run,
  why: { readonly reason: Reason; readonly detail: string },
  writes: readonly Write[] = [],
): Promise<StoredRun | null> {
  if (currentAttempt(run).part === undefined) return giveUp(parts, stored, run, why, writes);
  const next = continued(run, why.detail, null, parts.clock.now());
  return commitRun(parts, stored, next, { event: 'change_failed', ...why, writes });
}
