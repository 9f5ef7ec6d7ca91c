import type { Observation } from '../../action/action.js';
import type { StoredRun } from '../../ledger/ledger.js';
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
  const changes = run.attempts.filter(({ step, undo }) => step === run.step && !undo);
  const found = changes.at(0)?.change;
  const left = changes.at(-1)?.change;
  if (found === undefined || left === undefined || observation.size !== left.to) {
    const { name } = observation.target;
    const text = `${name} was left at ${observation.size} ${observation.unit}: somebody else has changed it since`;
    return afterUndo(parts, stored, note(run, text, parts.clock.now()));
  }
  const { target, unit, version } = observation;
  const change: Change = {
    kind: 'change',
    target,
    from: left.to,
    to: found.from,
    unit,
    version,
  };
  return intendAndApply(parts, stored, change, true);
}

/** To the next step that is to be put back, else to the end. */
export async function afterUndo(
  parts: EngineParts,
  stored: StoredRun,
  run: Run,
): Promise<StoredRun | null> {
  const next = nextUndo(run, parts.clock.now());
  if (next !== null) return commitRun(parts, stored, next, { event: 'undoing' });
  return endRun(parts, stored, run, {
    kind: 'failed',
    reason: 'exhausted',
    detail: 'what did not help was put back',
  });
}
