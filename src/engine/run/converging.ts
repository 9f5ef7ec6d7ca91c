import type { AnyAction, Progress } from '../../integrations/contract/action.js';
import { TargetError } from '../../integrations/contract/target-error.js';
import type { Reason } from '../../ledger/reason.js';
import type { StoredRun } from '../../ledger/record-reads.js';
import { currentStep, type Run } from '../../ledger/run.js';
import type { EngineContext } from '../context/context.js';
import { actionNamed } from '../reading/resolve.js';
import { endUnknown } from './applying.js';
import { commitRun } from './commit-run.js';
import { endRun, giveUp } from './end-run.js';
import { askToEnd, beginEnding, canEnd, clearAfter, withRecord } from './ending.js';
import { giveUpChange } from './give-up-change.js';
import {
  againLater,
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
  const action = actionNamed(context.actions, currentStep(stored.value).action);
  const next = await look(context, stored, action);
  // what ran is over, and that is recorded
  if (next !== null && next.value.state !== 'converging') {
    await clearAfter(context, action, stored.value, currentAttempt(stored.value));
  }
  return next;
}

async function look(
  context: EngineContext,
  stored: StoredRun,
  action: AnyAction,
): Promise<StoredRun | null> {
  const nowMs = context.clock.now();
  const { deadlineMs } = stored.value;
  const overdue = deadlineMs !== null && nowMs >= deadlineMs;
  const { cancelled } = stored.value;
  if (cancelled !== undefined && canEnd(action, stored.value)) {
    const detail = `${cancelled.by} cancelled the run`;
    return beginEnding(context, stored, action, { reason: 'cancelled', detail });
  }
  let run = stored.value;
  let progress: Progress;
  try {
    run = await askToEnd(action, run);
    progress = await action.verify(currentAttempt(run).change, changeContext(run));
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    const detail = error.message;
    if (overdue && canEnd(action, run))
      return beginEnding(context, stored, action, timedOut(detail));
    if (overdue) return notConverged(context, stored, run, { reason: 'not_converged', detail });
    const later = retryLater(run, 'target_unavailable', detail, nowMs);
    return commitRun(context, stored, later, { event: 'looking', detail });
  }
  const { detail } = progress;
  const { execution } = { execution: undefined, ...progress };
  if (execution !== undefined) run = withAttempt(run, { execution });
  const attempt = currentAttempt(run);
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
      const along = { event: 'converged', detail: withRecord(detail, execution) };
      return commitRun(context, stored, settled, along);
    }
    case 'converging': {
      if (overdue && canEnd(action, run)) {
        return beginEnding(context, { ...stored, value: run }, action, timedOut(detail));
      }
      if (overdue) return notConverged(context, stored, run, { reason: 'not_converged', detail });
      if (attempt.seen === detail) {
        return commitRun(context, stored, stillConverging(run, detail, nowMs), { event: 'looked' });
      }
      return commitRun(context, stored, stillConverging(run, detail, nowMs), {
        event: 'looked',
        detail,
      });
    }
    case 'later': {
      const asked = run.attempts.filter(({ step, later }) => step === run.step && later).length;
      if (attempt.ending !== undefined || asked >= maxLater) {
        return notConverged(context, stored, run, { reason: 'job_failed', detail });
      }
      const record = withRecord(detail, execution);
      const next = againLater(withAttempt(run, { seen: detail, later: true }), detail, nowMs);
      return commitRun(context, stored, next, { event: 'asks_for_later', detail: record });
    }
    case 'failed': {
      const reason = execution === undefined ? 'not_converged' : 'job_failed';
      return notConverged(context, stored, run, { reason, detail });
    }
    case 'unknown':
      return endUnknown(context, { ...stored, value: run }, detail);
    case 'differs':
      return giveUpChange(context, stored, withAttempt(run, { seen: detail }), {
        reason: 'target_changed',
        detail,
      });
  }
}

/** How often in a step what runs may ask to be run again later. */
const maxLater = 10;

function timedOut(detail: string) {
  return { reason: 'timed_out', detail } as const;
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
  run: Run,
  seen: { readonly reason: Reason; readonly detail: string },
): Promise<StoredRun | null> {
  const nowMs = context.clock.now();
  const { ending, execution, undo, part } = currentAttempt(run);
  // what was ended failed for that reason, whatever it says at its end
  const reason = ending?.reason ?? seen.reason;
  const { detail } = seen;
  const record = withRecord(detail, execution);
  const noted = withAttempt(run, { seen: detail });
  if (undo) {
    return afterUndo(context, stored, note(noted, `undo did not converge: ${detail}`, nowMs));
  }
  if (part !== undefined) return giveUpChange(context, stored, noted, { reason, detail });
  const next = nextStep(noted, nowMs);
  if (next !== null) {
    return commitRun(context, stored, next, { event: 'next_step', reason, detail: record });
  }
  return giveUp(context, stored, noted, { reason, detail: record });
}
