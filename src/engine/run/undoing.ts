import type { Observation } from '../../action/action.js';
import type { StoredRun } from '../../ledger/reads.js';
import type { Run } from '../../ledger/run.js';
import { nextUndo, note } from '../../ledger/run-transitions.js';
import type { Change } from '../../target/change.js';
import type { EngineParts } from '../parts.js';
import { intendAndApply } from './applying.js';
import { commitRun } from './commit-run.js';
import { endRun } from './end-run.js';

/**
 * Puts back what a step did that did not help: to the state in which the run found the target, and
 * only if the target still is as the run left it.
 */
export async function planUndo(
  parts: EngineParts,
  stored: StoredRun,
  observation: Observation<unknown>,
): Promise<StoredRun | null> {
  const run = stored.value;
  const made = madeBy(run);
  if (made === null || observation.size !== made.to) {
    const { name } = observation.target;
    const text = `${name} was left at ${observation.size} ${observation.unit}: it has been changed since`;
    return afterUndo(parts, stored, note(run, text, parts.clock.now()));
  }
  const { target, unit, version } = observation;
  const change: Change = {
    kind: 'change',
    target,
    from: made.to,
    to: made.from,
    unit,
    version,
  };
  return intendAndApply(parts, stored, change, true);
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
  const taken = run.attempts.filter(
    ({ step, undo, appliedAtMs }) => step === run.step && !undo && appliedAtMs !== null,
  );
  const last = taken.pop()?.change;
  if (last === undefined) return null;
  let { from } = last;
  for (const { change } of taken.reverse()) {
    if (change.to !== from) break;
    from = change.from;
  }
  return { from, to: last.to };
}
