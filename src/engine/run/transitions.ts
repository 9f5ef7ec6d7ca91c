import type { ChangeContext } from '../../integrations/contract/action.js';
import type { Change } from '../../integrations/contract/change.js';
import type { Reason } from '../../ledger/reason.js';
import {
  type Attempt,
  type Cancellation,
  currentStep,
  isChanging,
  type Outcome,
  type Part,
  type Preview,
  type Run,
} from '../../ledger/run.js';
import { stepsToUndo } from '../../ledger/run-changes.js';

/*
 * The run machine's transitions, each pure: run in, run out. They are committed by compare-and-set
 * together with their audit record (`ledger.commit`).
 */

const minBackoffMs = 2_000;
const maxBackoffMs = 30_000;

/** Guards passed and locks taken: the run may plan. */
export function admitted(run: Run, nowMs: number): Run {
  return { ...resume(run), state: 'planning', dueAtMs: nowMs, answerUntilMs: null };
}

/** The plan has outgrown what was shown: a person is asked again, and the run holds nothing meanwhile. */
export function askedAgain(run: Run, shown: readonly Preview[], escalationId: string): Run {
  const state = 'awaiting_approval';
  return { ...resume(run), state, shown, escalationId, dueAtMs: null, deadlineMs: null };
}

/** Stays where it is until a guard lifts or a target is free, or its answer is too old. */
export function waitUntil(run: Run, reason: Reason, detail: string, untilMs: number): Run {
  const dueAtMs = Math.min(untilMs, run.answerUntilMs ?? untilMs);
  return { ...run, waiting: { reason, detail }, dueAtMs };
}

/** Something temporary failed: the same state again, later each time. */
export function retryLater(run: Run, reason: Reason, detail: string, nowMs: number): Run {
  const delayMs = Math.min(minBackoffMs * 2 ** run.retries, maxBackoffMs);
  return {
    ...run,
    waiting: { reason, detail },
    retries: run.retries + 1,
    dueAtMs: nowMs + delayMs,
  };
}

/**
 * The intention to make a change, recorded before the change is sent. Until the lease ends no one
 * else touches the run; after it, the worker that picks it up looks at the target first.
 */
export function intend(
  run: Run,
  change: Change,
  undo: boolean,
  nowMs: number,
  leaseMs: number,
  part?: Part,
): Run {
  const attempt: Attempt = {
    step: run.step,
    change,
    undo,
    ...(part && { part }),
    plannedAtMs: nowMs,
    appliedAtMs: null,
    convergedAtMs: null,
    seen: '',
  };
  return {
    ...run,
    waiting: null,
    state: 'applying',
    taken: undo || isLaterPart(attempt) ? run.taken : run.taken + 1,
    attempts: [...run.attempts, attempt],
    leaseUntilMs: nowMs + leaseMs,
    dueAtMs: nowMs + leaseMs,
    deadlineMs: null,
  };
}

/** The intention came to nothing (the target refused for now, or never saw it): plan the same attempt again. */
export function withdrawIntention(run: Run, reason: Reason, detail: string, nowMs: number): Run {
  const attempt = currentAttempt(run);
  const isLater = isLaterPart(attempt);
  return retryLater(
    {
      ...run,
      state: isLater ? 'continuing' : 'planning',
      taken: attempt.undo || isLater ? run.taken : run.taken - 1,
      attempts: run.attempts.slice(0, -1),
      leaseUntilMs: null,
    },
    reason,
    detail,
    nowMs,
  );
}

/** The target's API took the change; now it has to take effect within `convergeWithinMs`. */
export function applied(run: Run, nowMs: number, convergeWithinMs: number): Run {
  return {
    ...resume(withAttempt(run, { appliedAtMs: nowMs })),
    state: 'converging',
    leaseUntilMs: null,
    dueAtMs: nowMs,
    deadlineMs: nowMs + convergeWithinMs,
  };
}

/** Looked, not there yet. */
export function stillConverging(run: Run, seen: string, nowMs: number): Run {
  const waitedMs = nowMs - (currentAttempt(run).appliedAtMs ?? nowMs);
  const pollMs = Math.min(Math.max(waitedMs / 4, 500), 10_000);
  const dueAtMs = Math.min(nowMs + Math.round(pollMs), run.deadlineMs ?? Number.POSITIVE_INFINITY);
  return { ...resume(withAttempt(run, { seen })), dueAtMs };
}

/** The change took effect; the alert gets `settleMs` to resolve. */
export function converged(run: Run, seen: string, nowMs: number): Run {
  return settling(withAttempt(run, { convergedAtMs: nowMs, seen }), nowMs);
}

/** A change of a sequence is over, in effect (`atMs`) or not (`null`): on to the next one. */
export function continued(run: Run, seen: string, atMs: number | null, nowMs: number): Run {
  return {
    ...resume(withAttempt(run, { convergedAtMs: atMs, seen })),
    state: 'continuing',
    leaseUntilMs: null,
    dueAtMs: nowMs,
    deadlineMs: null,
  };
}

/** What was to follow the last change of a sequence does not come: its action says what is made of that. */
export function inVain(run: Run, seen: string, nowMs: number): Run {
  const { convergedAtMs } = currentAttempt(run);
  return continued(withAttempt(run, { vain: true }), seen, convergedAtMs, nowMs);
}

/**
 * What the step wants is there; the alert gets its time to resolve. A person's run has nothing left to
 * do but to wait: its targets are free for others.
 */
export function settling(run: Run, nowMs: number): Run {
  const settleMs = run.steps[run.step]?.settleMs ?? 0;
  return {
    ...resume(run),
    ...(isLastOfPerson(run) ? { released: true as const } : {}),
    state: 'settling',
    dueAtMs: nowMs + settleMs,
    deadlineMs: nowMs + settleMs,
  };
}

/** How long after it what asks to be run again later is run again. */
const laterMs = 30_000;

/** What ran asks to be run again later: the same attempt, as another change. */
export function againLater(run: Run, detail: string, nowMs: number): Run {
  const waiting = { reason: 'job_failed', detail } as const;
  return { ...planAnew(run, nowMs + laterMs), taken: run.taken - 1, waiting };
}

/** To the next attempt of the step, else to the next step; `null` when there is none left. */
export function nextAttempt(run: Run, nowMs: number): Run | null {
  const step = run.steps[run.step];
  if (step !== undefined && run.taken < step.repeat) return planAnew(run, nowMs);
  return nextStep(run, nowMs);
}

/** Past whatever is left of this step; `null` when it was the last. */
export function nextStep(run: Run, nowMs: number): Run | null {
  if (run.step + 1 >= run.steps.length) return null;
  return planAnew({ ...run, step: run.step + 1, taken: 0 }, nowMs);
}

/**
 * Begins to put back what the steps with `undo: true` changed, last one first; `null` if there is
 * nothing. `outcome` is how the run ends after that.
 */
export function beginUndo(run: Run, outcome: Outcome, nowMs: number): Run | null {
  const undo = stepsToUndo(run);
  const [first] = undo;
  if (run.undo !== null || first === undefined) return null;
  return planAnew({ ...run, undo, step: first, outcome }, nowMs);
}

/** To the next step that is to be put back; `null` when all are. */
export function nextUndo(run: Run, nowMs: number): Run | null {
  const undo = run.undo?.slice(1) ?? [];
  const [next] = undo;
  if (next === undefined) return null;
  return planAnew({ ...run, undo, step: next }, nowMs);
}

/**
 * Cancelled by a person: no further change is sent. An active change continues as it was; else the run is
 * due, to be ended.
 */
export function cancel(run: Run, cancelled: Cancellation, nowMs: number): Run {
  return { ...run, cancelled, dueAtMs: isChanging(run) ? run.dueAtMs : nowMs };
}

/** Over, for good. */
export function end(run: Run, outcome: Outcome, nowMs: number): Run {
  return {
    ...resume(run),
    state: 'ended',
    endedAtMs: nowMs,
    outcome,
    dueAtMs: null,
    deadlineMs: null,
    leaseUntilMs: null,
  };
}

/** Adds a line to what a person is told about the run. */
export function note(run: Run, text: string, nowMs: number): Run {
  return { ...run, notes: [...run.notes, { atMs: nowMs, text }] };
}

/** The change in work or made last. */
export function currentAttempt(run: Run): Attempt {
  const attempt = run.attempts.at(-1);
  if (attempt === undefined) throw new Error(`run ${run.id} has made no attempt yet`);
  return attempt;
}

/** What the action gets besides the change in work. */
export function changeContext(run: Run, count = run.attempts.length): ChangeContext {
  return { params: currentStep(run).params, key: `${run.id}-${count}` };
}

/** The attempt in work, with what was last seen of its target. */
export function withAttempt(run: Run, change: Partial<Attempt>): Run {
  const attempt = { ...currentAttempt(run), ...change };
  return { ...run, attempts: [...run.attempts.slice(0, -1), attempt] };
}

function isLaterPart({ part }: Attempt): boolean {
  return part !== undefined && part.index > 0;
}

/** Whether a person started it and no attempt and no step follows. */
function isLastOfPerson({ origin, step, steps, taken }: Run): boolean {
  return (
    origin.kind === 'person' && step + 1 >= steps.length && taken >= (steps[step]?.repeat ?? 0)
  );
}

function planAnew(run: Run, nowMs: number): Run {
  return { ...resume(run), state: 'planning', dueAtMs: nowMs, deadlineMs: null };
}

function resume(run: Run): Run {
  return { ...run, waiting: null, retries: 0 };
}
