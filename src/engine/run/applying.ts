import { guardsBeforeChange } from '../../guard/guards.js';
import type { AnyAction } from '../../integrations/contract/action.js';
import { type Change, isSameState } from '../../integrations/contract/change.js';
import { TargetError } from '../../integrations/contract/target-error.js';
import type { StoredRun } from '../../ledger/record-reads.js';
import { currentStep, type Part, type Run } from '../../ledger/run.js';
import type { EngineContext } from '../context/context.js';
import { actionNamed } from '../reading/resolve.js';
import { resultWrites } from '../reports/results.js';
import { lastChange, restoreWrites } from './changed.js';
import { commitRun } from './commit-run.js';
import { endRun } from './end-run.js';
import { giveUpChange } from './give-up-change.js';
import { holdRun } from './hold-run.js';
import { intention } from './intention.js';
import {
  applied,
  changeContext,
  currentAttempt,
  retryLater,
  withAttempt,
  withdrawIntention,
} from './transitions.js';

/** No request is begun when less than this is left of the lease. */
const callMs = 30_000;
/** How often a change that the target refused for now is planned again. */
const maxRetries = 10;
/** How long after the lease an outcome may stay unseen before a person is asked to look. */
const lookMs = 5 * 60_000;

/** Records the intention and, if no one was faster and no guard holds it, carries it out. */
export async function intendAndApply(
  context: EngineContext,
  stored: StoredRun,
  change: Change,
  undo: boolean,
  part?: Part,
): Promise<StoredRun | null> {
  const { keys } = context.ledger;
  const nowMs = context.clock.now();
  const { windows } = context.active().policy;
  const changedBeforeMs = await lastChange(context, change.target);
  const begins = part === undefined || part.index === 0;
  const intended = intention(context, stored.value, change, { undo, part, changedBeforeMs, nowMs });
  const committed = await commitRun(context, stored, intended.run, {
    event: 'applying',
    detail: intended.detail,
    // what has begun is brought to its end whatever becomes of the alerts
    checks: begins ? [{ kind: 'set_filled', key: keys.caseOpen(stored.value.caseId) }] : [],
    writes: intended.writes,
    guarded: {
      guards: guardsBeforeChange(keys, stored.value, change, windows, nowMs, part?.of),
      held: (hold) => holdRun(context, stored, hold),
    },
  });
  if (committed?.value.state !== 'applying') return committed;
  return applyChange(context, committed);
}

/** Sends the change whose intention was just recorded, once. */
export async function applyChange(
  context: EngineContext,
  stored: StoredRun,
): Promise<StoredRun | null> {
  const { clock, metrics } = context;
  const run = stored.value;
  const attempt = currentAttempt(run);
  const action = actionNamed(context.actions, currentStep(run).action);
  if (clock.now() + callMs > (run.leaseUntilMs ?? 0)) return null;
  let answer: string | undefined;
  try {
    await action.apply(attempt.change, {
      ...changeContext(run),
      answered: (text) => {
        answer = text;
      },
    });
  } catch (error) {
    const kind = error instanceof TargetError ? error.kind : 'unknown';
    metrics.changes.inc({ action: action.name, result: kind });
    return despiteCancel(context, stored, (now) => afterFailedApply(context, now, kind, error));
  }
  metrics.changes.inc({ action: action.name, result: 'ok' });
  const { target, op } = attempt.change;
  context.log.info({ run: run.id, target: target.name, op }, 'target changed');
  return despiteCancel(context, stored, (now) => afterApply(context, now, action, answer));
}

/** Records that the target's API took the change, and what it answered. */
function afterApply(
  context: EngineContext,
  stored: StoredRun,
  action: AnyAction,
  answer: string | undefined,
): Promise<StoredRun | null> {
  const run = stored.value;
  const next = applied(run, context.clock.now(), withinMs(action, run));
  const writes = resultWrites(context, next);
  if (answer === undefined) return commitRun(context, stored, next, { event: 'applied', writes });
  const answered = withAttempt(next, { seen: answer });
  return commitRun(context, stored, answered, { event: 'applied', detail: answer, writes });
}

/**
 * Records what came of a change, once more if a person cancelled its run while it was sent: no other worker
 * knows the answer.
 */
async function despiteCancel(
  { ledger }: EngineContext,
  stored: StoredRun,
  record: (stored: StoredRun) => Promise<StoredRun | null>,
): Promise<StoredRun | null> {
  const recorded = await record(stored);
  if (recorded !== null || stored.value.cancelled !== undefined) return recorded;
  const now = await ledger.run(stored.value.id);
  const isSame = now?.value.leaseUntilMs === stored.value.leaseUntilMs;
  if (now?.value.cancelled === undefined || now.value.state !== 'applying' || !isSame) return null;
  return record(now);
}

/** Looks at the target of a change whose sender is gone or did not see the outcome. Sends nothing. */
export async function lookAfterChange(
  context: EngineContext,
  stored: StoredRun,
): Promise<StoredRun | null> {
  const { clock } = context;
  const run = stored.value;
  const nowMs = clock.now();
  const leaseUntilMs = run.leaseUntilMs ?? 0;
  if (nowMs < leaseUntilMs) return null;
  const attempt = currentAttempt(run);
  const action = actionNamed(context.actions, currentStep(run).action);
  if (action.unobservable) {
    const detail =
      attempt.seen || 'Jidoka may have sent it, recorded no answer, and cannot read the target now';
    return endUnknown(context, stored, detail);
  }
  try {
    const progress = await action.verify(attempt.change, changeContext(run));
    if (progress.kind !== 'differs') {
      const next = applied(run, nowMs, withinMs(action, run));
      return commitRun(context, stored, next, { event: 'applied', detail: progress.detail });
    }
    const { detail, observed } = progress;
    if (isSameState(observed, attempt.change.op.from)) {
      if (run.retries >= maxRetries) {
        return notTaken(context, stored, detail);
      }
      const next = withdrawIntention(run, 'target_unavailable', `not accepted: ${detail}`, nowMs);
      const writes = restoreWrites(context, attempt);
      return commitRun(context, stored, next, { event: 'not_applied', detail, writes });
    }
    return giveUpChange(context, stored, withAttempt(run, { seen: detail }), {
      reason: 'target_changed',
      detail,
    });
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    const detail = error.message;
    if (nowMs < leaseUntilMs + lookMs) {
      const later = retryLater(run, 'target_unavailable', detail, nowMs);
      return commitRun(context, stored, later, { event: 'looking', detail });
    }
    return endUnknown(context, stored, detail);
  }
}

/** Whether the change was made is not known and cannot be found out: a person has to look. */
export function endUnknown(
  context: EngineContext,
  stored: StoredRun,
  detail: string,
): Promise<StoredRun | null> {
  const seen = withAttempt(stored.value, { seen: detail });
  return endRun(context, stored, seen, { kind: 'unknown', reason: 'unknown_outcome', detail });
}

/** The target has refused the change, or never saw it, as often as that is tried. */
function notTaken(
  context: EngineContext,
  stored: StoredRun,
  detail: string,
): Promise<StoredRun | null> {
  const seen = withAttempt(stored.value, { seen: detail, refused: true });
  const writes = restoreWrites(context, currentAttempt(stored.value));
  return giveUpChange(context, stored, seen, { reason: 'target_unavailable', detail }, writes);
}

/** How long the change in work may take to come into effect. */
function withinMs({ convergeWithinMs }: AnyAction, run: Run): number {
  if (typeof convergeWithinMs === 'number') return convergeWithinMs;
  return convergeWithinMs(currentAttempt(run).change, changeContext(run));
}

async function afterFailedApply(
  context: EngineContext,
  stored: StoredRun,
  kind: TargetError['kind'],
  error: unknown,
): Promise<StoredRun | null> {
  const nowMs = context.clock.now();
  const run = stored.value;
  const attempt = currentAttempt(run);
  const detail = error instanceof Error ? error.message : String(error);
  switch (kind) {
    case 'stale':
    case 'busy':
    case 'unavailable': {
      if (run.retries >= maxRetries) {
        return notTaken(context, stored, detail);
      }
      const reason = kind === 'busy' ? 'waiting' : 'target_unavailable';
      const next = withdrawIntention(run, reason, detail, nowMs);
      const writes = restoreWrites(context, attempt);
      return commitRun(context, stored, next, { event: 'not_applied', detail, writes });
    }
    case 'not_found':
    case 'invalid':
    case 'forbidden': {
      const seen = withAttempt(run, { seen: detail, refused: true });
      const reason = kind === 'not_found' ? 'target_not_found' : 'rejected';
      return giveUpChange(
        context,
        stored,
        seen,
        { reason, detail },
        restoreWrites(context, attempt),
      );
    }
    case 'unknown': {
      context.log.warn({ run: run.id, detail }, 'outcome of a change unknown');
      const { unobservable } = actionNamed(context.actions, currentStep(run).action);
      if (unobservable) return endUnknown(context, stored, detail);
      const seen = withAttempt(run, { seen: detail });
      return commitRun(context, stored, seen, { event: 'outcome_not_seen', detail });
    }
  }
}
