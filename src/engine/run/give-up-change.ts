import type { Reason } from '../../ledger/reason.js';
import type { StoredRun } from '../../ledger/record-reads.js';
import type { Run } from '../../ledger/run.js';
import type { Write } from '../../ledger/transaction.js';
import type { EngineContext } from '../context/context.js';
import { commitRun } from './commit-run.js';
import { giveUp } from './end-run.js';
import { continued, currentAttempt } from './transitions.js';

/**
 * The change in work has come to nothing. Within a sequence its action says what is made of that (a node
 * that was drained without effect takes tasks again); else the run gives up.
 */
export async function giveUpChange(
  context: EngineContext,
  stored: StoredRun,
  run: Run,
  why: { readonly reason: Reason; readonly detail: string },
  writes: readonly Write[] = [],
): Promise<StoredRun | null> {
  if (currentAttempt(run).part === undefined) return giveUp(context, stored, run, why, writes);
  const next = continued(run, why.detail, null, context.clock.now());
  return commitRun(context, stored, next, { event: 'change_failed', ...why, writes });
}
