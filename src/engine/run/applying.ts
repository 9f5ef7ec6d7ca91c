import type { AnyAction } from '../../action/action.js';
import { guardsBeforeChange } from '../../guard/guards.js';
import type { StoredRun } from '../../ledger/reads.js';
import { type Attempt, currentStep, type Part } from '../../ledger/run.js';
import {
  applied,
  currentAttempt,
  retryLater,
  withAttempt,
  withdrawIntention,
} from '../../ledger/run-transitions.js';
import type { Change } from '../../target/change.js';
import { TargetError } from '../../target/target-error.js';
import type { EngineParts } from '../parts.js';
import { actionNamed } from '../resolve.js';
import { lastChange, restoreWrites } from './changed.js';
import { commitRun } from './commit-run.js';
import { endRun } from './end-run.js';
import { giveUpChange } from './give-up-change.js';
import { holdRun } from './hold-run.js';
import { intention } from './intention.js';

/** No request is begun when less than this is left of the lease. */
const callMs = 30_000;
/** How often a change that the target refused for now is planned again. */
const mostRetries = 10;
/** How long after the lease an outcome may stay unseen before a person is asked to look. */
const lookMs = 5 * 60_000;

/** Records the intention and, if nobody was faster and no guard holds it, carries it out. */
export async function intendAndApply(
  parts: EngineParts,
  stored: StoredRun,
  change: Change,
  undo: boolean,
  part?: Part,
): Promise<StoredRun | null> {
  const { keys } = parts.ledger;
  const nowMs = parts.clock.now();
  const { windows } = parts.active().policy;
  const changedBeforeMs = await lastChange(parts, change.target);
  const begins = part === undefined || part.index === 0;
  const intended = intention(parts, stored.value, change, { undo, part, changedBeforeMs, nowMs });
  const committed = await commitRun(parts, stored, intended.run, {
    event: 'applying',
    detail: intended.detail,
    // what has begun is brought to its end whatever becomes of the alerts
    checks: begins ? [{ kind: 'set_filled', key: keys.caseOpen(stored.value.caseId) }] : [],
    writes: intended.writes,
    guarded: {
      guards: guardsBeforeChange(keys, stored.value, change, windows, nowMs, part?.of),
      held: (hold) => holdRun(parts, stored, hold),
    },
  });
  if (committed?.value.state !== 'applying') return committed;
  return applyChange(parts, committed);
}

/** Sends the change whose intention was just recorded, once. */
export async function applyChange(
  parts: EngineParts,
  stored: StoredRun,
): Promise<StoredRun | null> {
  const { clock, metrics } = parts;
  const run = stored.value;
  const attempt = currentAttempt(run);
  const action = actionNamed(parts.actions, currentStep(run).action);
  if (clock.now() + callMs > (run.leaseUntilMs ?? 0)) return null;
  let answer: string | undefined;
  try {
    await action.apply(attempt.change, {
      params: currentStep(run).params,
      key: `${run.id}-${run.attempts.length}`,
      answered: (text) => {
        answer = text;
      },
    });
  } catch (error) {
    const kind = error instanceof TargetError ? error.kind : 'unknown';
    metrics.changes.inc({ action: action.name, result: kind });
    return afterFailedApply(parts, stored, kind, error);
  }
  metrics.changes.inc({ action: action.name, result: 'ok' });
  const { target, from, to, unit } = attempt.change;
  parts.log.info({ run: run.id, target: target.name, from, to, unit }, 'a target is changed');
  const next = applied(run, clock.now(), withinMs(action, attempt));
  if (answer === undefined) return commitRun(parts, stored, next, { event: 'applied' });
  const answered = withAttempt(next, { seen: answer });
  return commitRun(parts, stored, answered, { event: 'applied', detail: answer });
}

/** Looks at the target of a change whose sender is gone or did not see the outcome. Sends nothing. */
export async function lookAfterChange(
  parts: EngineParts,
  stored: StoredRun,
): Promise<StoredRun | null> {
  const { clock } = parts;
  const run = stored.value;
  const nowMs = clock.now();
  const leaseUntilMs = run.leaseUntilMs ?? 0;
  if (nowMs < leaseUntilMs) return null;
  const attempt = currentAttempt(run);
  const action = actionNamed(parts.actions, currentStep(run).action);
  if (action.unobservable) {
    const detail =
      attempt.seen ||
      'it may have been sent, no answer was recorded, and nothing can be looked at now';
    return endUnknown(parts, stored, detail);
  }
  try {
    const progress = await action.verify(attempt.change);
    if (progress.kind !== 'differs') {
      const next = applied(run, nowMs, withinMs(action, attempt));
      return commitRun(parts, stored, next, { event: 'applied', detail: progress.detail });
    }
    const { detail, observed } = progress;
    if (observed === attempt.change.from) {
      if (run.retries >= mostRetries) {
        return notTaken(parts, stored, detail);
      }
      const next = withdrawIntention(run, 'target_unavailable', `not taken: ${detail}`, nowMs);
      const writes = restoreWrites(parts, attempt);
      return commitRun(parts, stored, next, { event: 'not_applied', detail, writes });
    }
    return giveUpChange(parts, stored, withAttempt(run, { seen: detail }), {
      reason: 'target_changed',
      detail,
    });
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    const detail = error.message;
    if (nowMs < leaseUntilMs + lookMs) {
      const later = retryLater(run, 'target_unavailable', detail, nowMs);
      return commitRun(parts, stored, later, { event: 'looking', detail });
    }
    return endUnknown(parts, stored, detail);
  }
}

/** Whether the change was made is not known and cannot be found out: a person has to look. */
function endUnknown(
  parts: EngineParts,
  stored: StoredRun,
  detail: string,
): Promise<StoredRun | null> {
  const seen = withAttempt(stored.value, { seen: detail });
  return endRun(parts, stored, seen, { kind: 'unknown', reason: 'unknown_outcome', detail });
}

/** The target has refused the change, or never saw it, as often as that is tried. */
function notTaken(
  parts: EngineParts,
  stored: StoredRun,
  detail: string,
): Promise<StoredRun | null> {
  const seen = withAttempt(stored.value, { seen: detail, refused: true });
  const writes = restoreWrites(parts, currentAttempt(stored.value));
  return giveUpChange(parts, stored, seen, { reason: 'target_unavailable', detail }, writes);
}

/** How long a change may take to come into effect. */
function withinMs({ sequence, convergeWithinMs }: AnyAction, { change, part }: Attempt): number {
  return part === undefined || sequence === undefined
    ? convergeWithinMs
    : sequence.withinMs(change);
}

async function afterFailedApply(
  parts: EngineParts,
  stored: StoredRun,
  kind: TargetError['kind'],
  error: unknown,
): Promise<StoredRun | null> {
  const nowMs = parts.clock.now();
  const run = stored.value;
  const attempt = currentAttempt(run);
  const detail = error instanceof Error ? error.message : String(error);
  switch (kind) {
    case 'stale':
    case 'busy':
    case 'unavailable': {
      if (run.retries >= mostRetries) {
        return notTaken(parts, stored, detail);
      }
      const next = withdrawIntention(run, 'target_unavailable', detail, nowMs);
      const writes = restoreWrites(parts, attempt);
      return commitRun(parts, stored, next, { event: 'not_applied', detail, writes });
    }
    case 'not_found':
    case 'invalid':
    case 'forbidden': {
      const seen = withAttempt(run, { seen: detail, refused: true });
      const reason = kind === 'not_found' ? 'target_not_found' : 'rejected';
      return giveUpChange(parts, stored, seen, { reason, detail }, restoreWrites(parts, attempt));
    }
    case 'unknown': {
      parts.log.warn({ run: run.id, detail }, 'the outcome of a change was not seen');
      const { unobservable } = actionNamed(parts.actions, currentStep(run).action);
      if (unobservable) return endUnknown(parts, stored, detail);
      const seen = withAttempt(run, { seen: detail });
      return commitRun(parts, stored, seen, { event: 'outcome_not_seen', detail });
    }
  }
}
