import { createRun, type NewRun, type Run } from '../../ledger/run.js';
import { stepsToUndo } from '../../ledger/run-changes.js';

/**
 * The run that undoes what a cancelled one changed, by the way of any run that gives up: it knows the
 * changes of that one, and puts its targets back only where they still are as that one left them.
 *
 * @returns `null`: there is nothing to undo.
 */
export function undoRun(
  cancelled: Pick<Run, 'steps' | 'attempts'>,
  options: Omit<NewRun, 'steps' | 'state'>,
): Run | null {
  const { steps, attempts } = cancelled;
  const undo = stepsToUndo(cancelled);
  const [step] = undo;
  if (step === undefined) return null;
  return {
    ...createRun({ ...options, steps, state: 'admitting' }),
    attempts: attempts.filter((one) => one.appliedAtMs !== null && undo.includes(one.step)),
    undo,
    step,
    outcome: {
      kind: 'done',
      reason: 'chosen',
      detail: 'the changes of the cancelled run are undone',
    },
  };
}
