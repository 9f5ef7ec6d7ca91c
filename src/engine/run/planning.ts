import type { Observation } from '../../integrations/contract/action.js';
import { TargetError } from '../../integrations/contract/target-error.js';
import type { StoredRun } from '../../ledger/record-reads.js';
import { currentStep, type Run } from '../../ledger/run.js';
import type { EngineContext } from '../context/context.js';
import { isAsShown } from '../reading/preview.js';
import { actionNamed, readFailure } from '../reading/resolve.js';
import { forbiddenBy } from '../reading/target-settings.js';
import { intendAndApply } from './applying.js';
import { askAgain } from './asking.js';
import { commitRun } from './commit-run.js';
import { takeNext } from './continuing.js';
import { endRun, giveUp } from './end-run.js';
import { isPatient, waitForTarget } from './patience.js';
import { nextStep, note, settling, waitUntil } from './transitions.js';
import { leaveAsItIs, planUndo } from './undoing.js';

/** How often a run whose alerts are muted looks whether they still are. */
const mutedMs = 60_000;

/** `planning`: reads the target, works out the absolute state wanted, records it, and only then acts. */
export async function plan(context: EngineContext, stored: StoredRun): Promise<StoredRun | null> {
  const run = stored.value;
  const nowMs = context.clock.now();
  if (stored.openEpisodes === 0) {
    return endRun(context, stored, run, { kind: 'done', reason: 'resolved', detail: '' });
  }
  if (isMuted(stored)) {
    const detail = 'all its alerts are silenced or inhibited there';
    const waiting = waitUntil({ ...run, deadlineMs: null }, 'muted', detail, nowMs + mutedMs);
    const event = run.waiting?.reason === 'muted' ? null : 'held';
    return commitRun(context, stored, waiting, { event, reason: 'muted', detail });
  }
  const step = currentStep(run);
  let observation: Observation<unknown>;
  try {
    observation = await actionNamed(context.actions, step.action).observe(step.params);
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    const { reason, detail, temporary } = readFailure(error);
    if (temporary && isPatient(run, nowMs)) return waitForTarget(context, stored, detail, 'unread');
    return giveUp(context, stored, run, { reason, detail });
  }
  if (observation.target.id !== step.target.id) {
    const detail = `${step.target.name} was replaced during the run (it is ${observation.target.id}, was ${step.target.id})`;
    return giveUp(context, stored, run, { reason: 'target_changed', detail });
  }
  const forbidden = isAutonomous(run) ? forbiddenBy(observation.settings, step.target) : null;
  if (forbidden !== null) return giveUp(context, stored, run, forbidden);
  const action = actionNamed(context.actions, step.action);
  const bounds = { ...context.active().policy.bounds, fromExpression: step.fromExpression };
  const isUndo = run.undo !== null;
  const planned = isUndo
    ? planUndo(run, action, observation, bounds)
    : action.plan(step.params, observation, bounds);
  switch (planned.kind) {
    case 'change':
      if (!isUndo && (!isAsShown(run, planned) || isToBeAsked(run, observation)))
        return askAgain(context, stored, observation);
      if (!isUndo && action.sequence !== undefined) return takeNext(context, stored, planned, []);
      return intendAndApply(context, stored, planned, isUndo);
    case 'wait': {
      const { detail } = planned;
      if (!isPatient(run, nowMs)) {
        if (isUndo) return leaveAsItIs(context, stored, observation, detail);
        return giveUp(context, stored, run, { reason: 'waiting', detail });
      }
      return waitForTarget(context, stored, detail, 'busy');
    }
    case 'at_bound':
    case 'refused': {
      const reason = planned.kind === 'refused' ? planned.reason : 'at_bound';
      const { detail } = planned;
      if (isUndo) return leaveAsItIs(context, stored, observation, detail);
      const noted = note(run, detail, nowMs);
      // what the person chose is there already, no matter how it came about
      if (planned.kind === 'at_bound' && run.origin.kind === 'person') {
        const outcome = { kind: 'done', reason: 'unverified', detail } as const;
        if (!run.verifiable) return endRun(context, stored, noted, outcome);
        const taken = { ...noted, taken: noted.taken + 1 };
        const along = { event: 'already_there', reason, detail } as const;
        return commitRun(context, stored, settling(taken, nowMs), along);
      }
      const next = nextStep(noted, nowMs);
      if (next !== null) {
        return commitRun(context, stored, next, { event: 'step_left_out', reason, detail });
      }
      // A floor that is reached is what scaling down is for; a ceiling that is reached is trouble.
      const isFloor = planned.kind === 'at_bound' && planned.bound === 'min';
      if (isFloor) return endRun(context, stored, noted, { kind: 'done', reason, detail });
      return giveUp(context, stored, noted, { reason, detail });
    }
  }
}

/** Anyone who clicks has seen what the owner says; a playbook heeds it before each of its steps. */
function isAutonomous({ origin, undo }: Run): boolean {
  return origin.kind === 'playbook' && undo === null;
}

/** The owner has come to want a person asked, and no one has been. */
function isToBeAsked(run: Run, { settings }: Observation<unknown>): boolean {
  return isAutonomous(run) && settings?.mode === 'approve' && run.shown === null;
}

/** Muted alerts start no new step. Putting back is none, and a person who acts has seen the state of things. */
function isMuted({ value, openEpisodes, mutedEpisodes }: StoredRun): boolean {
  return value.origin.kind === 'playbook' && value.undo === null && mutedEpisodes >= openEpisodes;
}
