import type { Progress } from '../../integrations/contract/action.js';
import { TargetError } from '../../integrations/contract/target-error.js';
import type { StoredRun } from '../../ledger/record-reads.js';
import { currentStep } from '../../ledger/run.js';
import type { EngineContext } from '../context/context.js';
import { actionNamed } from '../reading/resolve.js';
import { commitRun } from './commit-run.js';
import { endRun, giveUp } from './end-run.js';
import { giveUpChange } from './give-up-change.js';
import {
  changeContext,
  continued,
  converged,
  currentAttempt,
  nextAttempt,
  nextStep,
  note,
  retryLater,
  stillConverging,
  withAttempt,
} from './transitions.js';
import { afterUndo } from './undoing.js';

/** `converging`: waits until the target is as it was asked to be. */
export async function converge(
  context: EngineContext,
  stored: StoredRun,
): Promise<StoredRun | null> {
  const run = stored.value;
  const nowMs = context.clock.now();
  const attempt = currentAttempt(run);
  const overdue = run.deadlineMs !== null && nowMs >= run.deadlineMs;
  let progress: Progress;
  try {
    const action = actionNamed(context.actions, currentStep(run).action);
    progress = await action.verify(attempt.change, changeContext(run));
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    const detail = error.message;
    if (overdue) return notConverged(context, stored, detail);
    const later = retryLater(run, 'target_unavailable', detail, nowMs);
    return commitRun(context, stored, later, { event: 'looking', detail });
  }
  const { detail } = progress;
  switch (progress.kind) {
    case 'converged': {
      if (attempt.undo)
        return afterUndo(context, stored, withAttempt(run, { convergedAtMs: nowMs }));
      if (attempt.part !== undefined) {
        const next = continued(run, detail, nowMs, nowMs);
        return commitRun(context, stored, next, { event: 'converged', detail });
      }
      const settled = converged(run, detail, nowMs);
      if (!run.verifiable) {
        return endRun(context, stored, settled, { kind: 'done', reason: 'unverified', detail });
      }
      return commitRun(context, stored, settled, { event: 'converged', detail });
    }
    case 'converging': {
      if (overdue) return notConverged(context, stored, detail);
      if (attempt.seen === detail) {
        return commitRun(context, stored, stillConverging(run, detail, nowMs), { event: 'looked' });
      }
      return commitRun(context, stored, stillConverging(run, detail, nowMs), {
        event: 'looked',
        detail,
      });
    }
    case 'failed':
      return notConverged(context, stored, detail);
    case 'differs':
      return giveUpChange(context, stored, withAttempt(run, { seen: detail }), {
        reason: 'target_changed',
        detail,
      });
  }
}

/** `settling`: the alert has its time to resolve; after it comes the next attempt. */
export async function settle(context: EngineContext, stored: StoredRun): Promise<StoredRun | null> {
  const run = stored.value;
  const nowMs = context.clock.now();
  if (stored.openEpisodes === 0) {
    return endRun(context, stored, run, { kind: 'done', reason: 'resolved', detail: '' });
  }
  if (run.deadlineMs !== null && nowMs < run.deadlineMs) return null;
  const next = nextAttempt(run, nowMs);
  if (next !== null) return commitRun(context, stored, next, { event: 'next_attempt' });
  return giveUp(context, stored, run, { reason: 'exhausted', detail: '' });
}

/** The same step again would only ask for more of what does not come: on to the next step. */
async function notConverged(
  context: EngineContext,
  stored: StoredRun,
  detail: string,
): Promise<StoredRun | null> {
  const nowMs = context.clock.now();
  const seen = withAttempt(stored.value, { seen: detail });
  if (currentAttempt(seen).undo) {
    return afterUndo(context, stored, note(seen, `undo did not converge: ${detail}`, nowMs));
  }
  if (currentAttempt(seen).part !== undefined) {
    return giveUpChange(context, stored, seen, { reason: 'not_converged', detail });
  }
  const next = nextStep(seen, nowMs);
  if (next !== null) {
    return commitRun(context, stored, next, {
      event: 'next_step',
      reason: 'not_converged',
      detail,
    });
  }
  return giveUp(context, stored, seen, { reason: 'not_converged', detail });
}
