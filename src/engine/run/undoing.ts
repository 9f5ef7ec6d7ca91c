import type {
  AnyAction,
  Observation,
  Plan,
  PlanBounds,
} from '../../integrations/contract/action.js';
import { isSameState } from '../../integrations/contract/change.js';
import type { StoredRun } from '../../ledger/record-reads.js';
import { currentStep, type Outcome, type Run } from '../../ledger/run.js';
import { madeBy } from '../../ledger/run-changes.js';
import type { EngineContext } from '../context/context.js';
import { commitRun } from './commit-run.js';
import { endRun } from './end-run.js';
import { nextUndo, note } from './transitions.js';

/**
 * How to put back what a step did that did not help: to the state in which the run found the target,
 * and only if the target still is as the run left it. Whatever holds a plan back holds this one back.
 */
export function planUndo(
  run: Run,
  action: AnyAction,
  observation: Observation<unknown>,
  fallback: PlanBounds,
): Plan {
  const made = madeBy(run, run.step);
  if (made === null || !isSameState(observation.size, made.to)) {
    return { kind: 'refused', reason: 'unsupported', detail: 'it has changed since' };
  }
  return action.planTo(currentStep(run).params, observation, made.from, fallback);
}

/** Leaves the target as it is, and says why. */
export function leaveAsItIs(
  context: EngineContext,
  stored: StoredRun,
  { target, size, unit }: Observation<unknown>,
  why: string,
): Promise<StoredRun | null> {
  const at = typeof size === 'number' ? `at ${size} ${unit}` : 'as it is';
  const text = `not undone: ${target.name} stays ${at}: ${why}`;
  return afterUndo(context, stored, note(stored.value, text, context.clock.now()));
}

/** To the next step that is to be put back, else to the end that was due when undoing began. */
export async function afterUndo(
  context: EngineContext,
  stored: StoredRun,
  run: Run,
): Promise<StoredRun | null> {
  const next = nextUndo(run, context.clock.now());
  if (next !== null) return commitRun(context, stored, next, { event: 'undoing' });
  if (run.outcome === null) throw new Error(`run ${run.id} puts things back without a reason`);
  return endRun(context, stored, run, outcomeOf(run, run.outcome));
}

/** A person who asked for nothing but the undo has to hear that something was not undone. */
function outcomeOf({ origin, notes }: Run, outcome: Outcome): Outcome {
  const last = notes.at(-1);
  if (origin.kind !== 'person' || last === undefined) return outcome;
  return { kind: 'failed', reason: 'not_converged', detail: last.text };
}
