import type { Done, Next } from '../../action/action.js';
import { busyHold } from '../../guard/target-lock.js';
import type { StoredRun } from '../../ledger/reads.js';
import type { Reason } from '../../ledger/reason.js';
import { type Attempt, currentStep, type Run, targetsOf } from '../../ledger/run.js';
import { currentAttempt, inVain, nextStep, settling } from '../../ledger/run-transitions.js';
import type { Change } from '../../target/change.js';
import { TargetError } from '../../target/target-error.js';
import type { EngineParts } from '../parts.js';
import { actionNamed, readFailure } from '../resolve.js';
import { intendAndApply } from './applying.js';
import { commitRun } from './commit-run.js';
import { endRun, giveUp } from './end-run.js';
import { holdRun } from './hold-run.js';
import { isPatient, waitForTarget } from './patience.js';

/** The most changes of one sequence, so that none goes on for ever. */
const mostChanges = 100;

/** `continuing`: a change of a sequence is over; works out the next one and begins it, or ends the sequence. */
export async function proceed(parts: EngineParts, stored: StoredRun): Promise<StoredRun | null> {
  const run = stored.value;
  const { part } = currentAttempt(run);
  if (part === undefined) throw new Error(`run ${run.id} continues no sequence`);
  return takeNext(parts, stored, part.of, changesOf(run, part.index));
}

/** Begins the next change of a sequence towards `plan`; `done` are those before it. */
export async function takeNext(
  parts: EngineParts,
  stored: StoredRun,
  plan: Change,
  done: readonly Done[],
): Promise<StoredRun | null> {
  const run = stored.value;
  const nowMs = parts.clock.now();
  const { action, params } = currentStep(run);
  const { sequence } = actionNamed(parts.actions, action);
  if (sequence === undefined) throw new Error(`${action} is no sequence`);
  const fail = (detail: string) => {
    const reason = whyFailed(run.attempts.slice(run.attempts.length - done.length));
    const onward = nextStep(run, nowMs);
    if (onward === null) return giveUp(parts, stored, run, { reason, detail });
    return commitRun(parts, stored, onward, { event: 'next_step', reason, detail });
  };
  if (done.length >= mostChanges) {
    return fail(
      `it is not done after ${mostChanges} changes, which is the most that one plan may take`,
    );
  }
  let next: Next;
  try {
    next = sequence.next(params, plan, done, await sequence.look(params, plan, done));
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    const { reason, detail, temporary } = readFailure(error);
    if (temporary && isPatient(run, nowMs)) return waitForTarget(parts, stored, detail, 'unread');
    const stays = done.length === 0 ? '' : '; what has been done until then stays as it is';
    return giveUp(parts, stored, run, { reason, detail: `${detail}${stays}` });
  }
  const { detail } = next.kind === 'change' ? { detail: '' } : next;
  switch (next.kind) {
    case 'change':
      return begin(parts, stored, next, { of: plan, index: done.length });
    case 'wait':
      if (isPatient(run, nowMs)) return waitForTarget(parts, stored, detail, 'busy');
      return comeToNothing(parts, stored, done, detail);
    case 'complete': {
      const settled = settling(run, nowMs);
      if (run.verifiable) return commitRun(parts, stored, settled, { event: 'completed', detail });
      return endRun(parts, stored, settled, { kind: 'done', reason: 'unverified', detail });
    }
    case 'failed':
      return fail(detail);
  }
}

/** What comes next has been waited for long enough; the action makes up for what was done for it. */
async function comeToNothing(
  parts: EngineParts,
  stored: StoredRun,
  done: readonly Done[],
  detail: string,
): Promise<StoredRun | null> {
  const why = { reason: 'target_unavailable', detail } as const;
  if (done.at(-1)?.converged !== true) return giveUp(parts, stored, stored.value, why);
  const next = inVain(stored.value, detail, parts.clock.now());
  return commitRun(parts, stored, next, { event: 'change_failed', ...why });
}

function whyFailed(attempts: readonly Attempt[]): Reason {
  if (attempts.length === 0) return 'unsupported';
  if (attempts.some(({ refused }) => refused)) return 'rejected';
  return attempts.some(({ vain }) => vain) ? 'target_unavailable' : 'not_converged';
}

/** Leaves a target alone that is no step's own while another run works on it. */
async function begin(
  parts: EngineParts,
  stored: StoredRun,
  change: Change,
  part: NonNullable<Attempt['part']>,
): Promise<StoredRun | null> {
  const { redis, keys } = parts.ledger;
  const { target } = change;
  const isOwn = targetsOf(stored.value).some(({ id }) => id === target.id);
  const runId = isOwn ? null : await redis.get(keys.lock(target.id));
  if (runId === null) return intendAndApply(parts, stored, change, false, part);
  const { reason, detail, untilMs } = busyHold({ target, runId }, parts.clock.now());
  return holdRun(parts, stored, { reason, detail, untilMs });
}

/** What became of the changes of the sequence in work, `last` being the place of its latest. */
function changesOf({ attempts }: Run, last: number): readonly Done[] {
  return attempts.slice(-(last + 1)).map(({ change, convergedAtMs, vain, seen }) => ({
    change,
    converged: convergedAtMs !== null && !vain,
    seen,
  }));
}
