import { busyHold } from '../../guard/target-lock.js';
import type { Done, Next } from '../../integrations/contract/action.js';
import type { Change } from '../../integrations/contract/change.js';
import { TargetError } from '../../integrations/contract/target-error.js';
import type { Reason } from '../../ledger/reason.js';
import type { StoredRun } from '../../ledger/record-reads.js';
import { type Attempt, currentStep, locksOf, type Run } from '../../ledger/run.js';
import type { EngineContext } from '../context/context.js';
import { actionNamed, readFailure } from '../reading/resolve.js';
import { intendAndApply } from './applying.js';
import { commitRun } from './commit-run.js';
import { endRun, giveUp } from './end-run.js';
import { holdRun } from './hold-run.js';
import { isPatient, waitForTarget } from './patience.js';
import { changeContext, currentAttempt, inVain, nextStep, settling } from './transitions.js';

/** The most changes of one sequence, so that none goes on for ever. */
const maxChanges = 100;

/** `continuing`: a change of a sequence is over; works out the next one and begins it, or ends the sequence. */
export async function proceed(
  context: EngineContext,
  stored: StoredRun,
): Promise<StoredRun | null> {
  const run = stored.value;
  const { part } = currentAttempt(run);
  if (part === undefined) throw new Error(`run ${run.id} continues no sequence`);
  return takeNext(context, stored, part.of, changesOf(run, part.index));
}

/** Begins the next change of a sequence towards `plan`; `done` are those before it. */
export async function takeNext(
  context: EngineContext,
  stored: StoredRun,
  plan: Change,
  done: readonly Done[],
): Promise<StoredRun | null> {
  const run = stored.value;
  const nowMs = context.clock.now();
  const { action } = currentStep(run);
  const { sequence } = actionNamed(context.actions, action);
  if (sequence === undefined) throw new Error(`${action} is no sequence`);
  const fail = (detail: string) => {
    const reason = whyFailed(run.attempts.slice(run.attempts.length - done.length));
    const onward = nextStep(run, nowMs);
    if (onward === null) return giveUp(context, stored, run, { reason, detail });
    return commitRun(context, stored, onward, { event: 'next_step', reason, detail });
  };
  if (done.length >= maxChanges) {
    return fail(`the plan is not complete after ${maxChanges} changes, the maximum of one plan`);
  }
  let next: Next;
  try {
    const step = changeContext(run, run.attempts.length + 1);
    next = sequence.next(step, plan, done, await sequence.look(step, plan, done));
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    const { reason, detail, temporary } = readFailure(error);
    if (temporary && isPatient(run, nowMs)) return waitForTarget(context, stored, detail, 'unread');
    const stays = done.length === 0 ? '' : '; the changes made so far stay';
    return giveUp(context, stored, run, { reason, detail: `${detail}${stays}` });
  }
  const { detail } = next.kind === 'change' ? { detail: '' } : next;
  switch (next.kind) {
    case 'change':
      return begin(context, stored, next, { of: plan, index: done.length });
    case 'wait':
      if (isPatient(run, nowMs)) return waitForTarget(context, stored, detail, 'busy');
      return comeToNothing(context, stored, done, detail);
    case 'complete': {
      const settled = settling(run, nowMs);
      if (run.verifiable)
        return commitRun(context, stored, settled, { event: 'completed', detail });
      return endRun(context, stored, settled, { kind: 'done', reason: 'unverified', detail });
    }
    case 'failed':
      return fail(detail);
  }
}

/** What comes next has been waited for long enough; the action makes up for what was done for it. */
async function comeToNothing(
  context: EngineContext,
  stored: StoredRun,
  done: readonly Done[],
  detail: string,
): Promise<StoredRun | null> {
  const why = { reason: 'waiting', detail } as const;
  if (done.at(-1)?.converged !== true) return giveUp(context, stored, stored.value, why);
  const next = inVain(stored.value, detail, context.clock.now());
  return commitRun(context, stored, next, { event: 'change_failed', ...why });
}

function whyFailed(attempts: readonly Attempt[]): Reason {
  if (attempts.length === 0) return 'unsupported';
  if (attempts.some(({ refused }) => refused)) return 'rejected';
  return attempts.some(({ vain }) => vain) ? 'waiting' : 'not_converged';
}

/** Leaves a target alone that is no step's own while another run works on it. */
async function begin(
  context: EngineContext,
  stored: StoredRun,
  change: Change,
  part: NonNullable<Attempt['part']>,
): Promise<StoredRun | null> {
  const { redis, keys } = context.ledger;
  const { target } = change;
  const isOwn = locksOf(stored.value).some(({ id }) => id === target.id);
  const runId = isOwn ? null : await redis.get(keys.lock(target.id));
  if (runId === null) return intendAndApply(context, stored, change, false, part);
  const { reason, detail, untilMs } = busyHold({ target, runId }, context.clock.now());
  return holdRun(context, stored, { reason, detail, untilMs });
}

/** What became of the changes of the sequence in work, `last` being the place of its latest. */
function changesOf({ attempts }: Run, last: number): readonly Done[] {
  return attempts.slice(-(last + 1)).map(({ change, convergedAtMs, vain, seen }) => ({
    change,
    converged: convergedAtMs !== null && !vain,
    seen,
  }));
}
