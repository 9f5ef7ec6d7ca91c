import type { Progress } from '../../action/action.js';
import type { StoredRun } from '../../ledger/reads.js';
import { currentStep } from '../../ledger/run.js';
import {
  continued,
  converged,
  currentAttempt,
  nextAttempt,
  nextStep,
  note,
  retryLater,
  stillConverging,
  withAttempt,
} from '../../ledger/run-transitions.js';
import { TargetError } from '../../target/target-error.js';
import type { EngineParts } from '../parts.js';
import { actionNamed } from '../resolve.js';
import { commitRun } from './commit-run.js';
import { endRun, giveUp } from './end-run.js';
import { giveUpChange } from './give-up-change.js';
import { afterUndo } from './undoing.js';

/** `converging`: waits until the target is as it was asked to be. */
export async function converge(parts: EngineParts, stored: StoredRun): Promise<StoredRun | null> {
  const run = stored.value;
  const nowMs = parts.clock.now();
  const attempt = currentAttempt(run);
  const overdue = run.deadlineMs !== null && nowMs >= run.deadlineMs;
  let progress: Progress;
  try {
    progress = await actionNamed(parts.actions, currentStep(run).action).verify(attempt.change);
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    const detail = error.message;
    if (overdue) return notConverged(parts, stored, detail);
    const later = retryLater(run, 'target_unavailable', detail, nowMs);
    return commitRun(parts, stored, later, { event: 'looking', detail });
  }
  const { detail } = progress;
  switch (progress.kind) {
    case 'converged': {
      if (attempt.undo) return afterUndo(parts, stored, withAttempt(run, { convergedAtMs: nowMs }));
      if (attempt.part !== undefined) {
        const next = continued(run, detail, nowMs, nowMs);
        return commitRun(parts, stored, next, { event: 'converged', detail });
      }
      const settled = converged(run, detail, nowMs);
      if (!run.verifiable) {
        return endRun(parts, stored, settled, { kind: 'done', reason: 'unverified', detail });
      }
      return commitRun(parts, stored, settled, { event: 'converged', detail });
    }
    case 'converging': {
      if (overdue) return notConverged(parts, stored, detail);
      if (attempt.seen === detail) {
        return commitRun(parts, stored, stillConverging(run, detail, nowMs), { event: 'looked' });
      }
      return commitRun(parts, stored, stillConverging(run, detail, nowMs), {
        event: 'looked',
        detail,
      });
    }
    case 'failed':
      return notConverged(parts, stored, detail);
    case 'differs':
      return giveUpChange(parts, stored, withAttempt(run, { seen: detail }), {
        reason: 'target_changed',
        detail,
      });
  }
}

/** `settling`: the alert has its time to resolve; after it comes the next attempt. */
export async function settle(parts: EngineParts, stored: StoredRun): Promise<StoredRun | null> {
  const run = stored.value;
  const nowMs = parts.clock.now();
  if (stored.openEpisodes === 0) {
    return endRun(parts, stored, run, { kind: 'done', reason: 'resolved', detail: '' });
  }
  if (run.deadlineMs !== null && nowMs < run.deadlineMs) return null;
  const next = nextAttempt(run, nowMs);
  if (next !== null) return commitRun(parts, stored, next, { event: 'next_attempt' });
  return giveUp(parts, stored, run, { reason: 'exhausted', detail: '' });
}

/** The same step again would only ask for more of what does not come: on to the next step. */
async function notConverged(
  parts: EngineParts,
  stored: StoredRun,
  detail: string,
): Promise<StoredRun | null> {
  const nowMs = parts.clock.now();
  const seen = withAttempt(stored.value, { seen: detail });
  if (currentAttempt(seen).undo) {
    return afterUndo(parts, stored, note(seen, `putting back did not converge: ${detail}`, nowMs));
  }
  if (currentAttempt(seen).part !== undefined) {
    return giveUpChange(parts, stored, seen, { reason: 'not_converged', detail });
  }
  const next = nextStep(seen, nowMs);
  if (next !== null) {
    return commitRun(parts, stored, next, {
      event: 'next_step',
      reason: 'not_converged',
      detail,
    });
  }
  return giveUp(parts, stored, seen, { reason: 'not_converged', detail });
}
