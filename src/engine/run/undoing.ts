import type { AnyAction, Bounds, Observation, Plan } from '../../action/action.js';
import type { StoredRun } from '../../ledger/reads.js';
import { currentStep, type Run } from '../../ledger/run.js';
import { nextUndo, note } from '../../ledger/run-transitions.js';
import type { Change } from '../../target/change.js';
import type { EngineParts } from '../parts.js';
import { commitRun } from './commit-run.js';
import { endRun } from './end-run.js';

/**
 * How to put back what a step did that did not help: to the state in which the run found the target,
 * and only if the target still is as the run left it. Whatever holds a plan back holds this one back.
 */
export function planUndo(
  run: Run,
  action: AnyAction,
  observation: Observation<unknown>,
  fallback: Bounds,
): Plan {
  const made = madeBy(run);
  if (made === null || observation.size !== made.to) {
    return { kind: 'refused', reason: 'unsupported', detail: 'it has been changed since' };
  }
  return action.planTo(currentStep(run).params, observation, made.from, fallback);
}

/** Leaves the target as it is, and says why. */
export function leaveAsItIs(
  parts: EngineParts,
  stored: StoredRun,
  { target, size, unit }: Observation<unknown>,
  why: string,
): Promise<StoredRun | null> {
  const at = typeof size === 'number' ? `at ${size} ${unit}` : 'as it is';
  const text = `${target.name} was left ${at}: ${why}`;
  return afterUndo(parts, stored, note(stored.value, text, parts.clock.now()));
}

/** To the next step that is to be put back, else to the end that was due when undoing began. */
export async function afterUndo(
  parts: EngineParts,
  stored: StoredRun,
  run: Run,
): Promise<StoredRun | null> {
  const next = nextUndo(run, parts.clock.now());
  if (next !== null) return commitRun(parts, stored, next, { event: 'undoing' });
  if (run.outcome === null) throw new Error(`run ${run.id} puts things back without a reason`);
  return endRun(parts, stored, run, run.outcome);
}

/**
 * What the present step made of its target, over all changes that the target took in an unbroken
 * row: what came before somebody else's change is not the run's to put back any more.
 */
function madeBy(run: Run): Pick<Change, 'from' | 'to'> | null {
  const taken = run.attempts
    .filter(({ step, undo, appliedAtMs }) => step === run.step && !undo && appliedAtMs !== null)
    .flatMap(({ change, part }) => (part === undefined ? change : part.index > 0 ? [] : part.of));
  const last = taken.pop();
  if (last === undefined) return null;
  let { from } = last;
  for (const change of taken.reverse()) {
    if (change.to !== from) break;
    from = change.from;
  }
  return { from, to: last.to };
}
