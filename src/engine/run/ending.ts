import type { AnyAction } from '../../integrations/contract/action.js';
import type { Execution } from '../../integrations/contract/job.js';
import { TargetError } from '../../integrations/contract/target-error.js';
import type { Reason } from '../../ledger/reason.js';
import type { StoredRun } from '../../ledger/record-reads.js';
import type { Attempt, Run } from '../../ledger/run.js';
import { messageOf } from '../../lib/errors.js';
import type { EngineContext } from '../context/context.js';
import { commitRun } from './commit-run.js';
import { changeContext, currentAttempt, withAttempt } from './transitions.js';

/*
 * A change that has begun something which runs (a job) can be ended. Why is recorded first, so that after a
 * crash the end is asked for again; what is asked to end is then looked at until it is over.
 */

/** Whether what the change in work has begun can be ended, and is not being ended yet. */
export function canEnd(action: AnyAction, run: Run): boolean {
  return action.end !== undefined && currentAttempt(run).ending === undefined;
}

/** Records why the change in work is ended. The next look asks for the end. */
export function beginEnding(
  context: EngineContext,
  stored: StoredRun,
  action: AnyAction,
  why: { readonly reason: Reason; readonly detail: string },
): Promise<StoredRun | null> {
  const nowMs = context.clock.now();
  const run = withAttempt(stored.value, { ending: { ...why, atMs: nowMs } });
  const { change } = currentAttempt(run);
  const withinMs = action.end?.withinMs(change, changeContext(run)) ?? 0;
  const next = { ...run, waiting: null, retries: 0, dueAtMs: nowMs, deadlineMs: nowMs + withinMs };
  return commitRun(context, stored, next, { event: 'ending', ...why });
}

/**
 * Asks for the end of the change in work where that is recorded. Returns the run with what could be seen
 * before the end.
 *
 * @throws TargetError as the action does.
 */
export async function askToEnd(action: AnyAction, run: Run): Promise<Run> {
  const { change, ending, execution: known } = currentAttempt(run);
  if (ending === undefined || action.end === undefined) return run;
  const execution = await action.end.send(change, changeContext(run));
  return known !== undefined || execution === undefined ? run : withAttempt(run, { execution });
}

/** Removes what a change has left behind, after its end is recorded. What stays is found by the watch. */
export async function clearAfter(
  { log }: EngineContext,
  action: AnyAction,
  run: Run,
  attempt: Attempt,
): Promise<void> {
  if (action.clear === undefined) return;
  try {
    await action.clear(attempt.change, changeContext(run));
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    log.warn({ run: run.id, fault: messageOf(error) }, 'leftovers of a change not removed yet');
  }
}

/** What was seen, with what the audit trail records of what ran. */
export function withRecord(detail: string, execution: Execution | undefined): string {
  if (execution === undefined) return detail;
  const { image, log } = execution;
  return `${detail}; image ${image}${log === null ? '' : `; log sha256:${log.sha256}`}`;
}
