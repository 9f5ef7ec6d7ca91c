import type { Operation } from '../integrations/contract/change.js';
import { isResize } from '../integrations/contract/operation.js';
import type { Choice, Escalation } from '../ledger/escalation.js';
import type { AnyLedger } from '../ledger/ledger.js';
import type { Run } from '../ledger/run.js';
import { madeBy, stepsToUndo } from '../ledger/run-changes.js';
import { riskOf } from './risk.js';
import { shortened } from './shortened.js';

/** The choice to undo what a cancelled run changed, for its report; empty where no step of it has `undo: true`. @throws what Redis throws. */
export async function undoChoices(
  ledger: AnyLedger,
  { reason, runId }: Pick<Escalation, 'reason' | 'runId'>,
): Promise<readonly Choice[]> {
  if (reason !== 'cancelled' || runId === null) return [];
  const run = await ledger.run(runId);
  return run === null ? [] : undoChoice(run.value);
}

function undoChoice(run: Run): readonly Choice[] {
  const previews = stepsToUndo(run).flatMap((index) => {
    const made = madeBy(run, index);
    const target = run.steps[index]?.target;
    const change = run.attempts.find(({ step }) => step === index)?.change;
    if (made === null || target === undefined || change === undefined) return [];
    const op: Operation = { ...change.op, from: made.to, to: made.from };
    return { name: target.name, operations: [op] };
  });
  const [first, ...more] = previews;
  if (first === undefined) return [];
  const [op] = first.operations;
  const sizes = op !== undefined && isResize(op) ? ` ${op.from} → ${op.to}` : '';
  const rest = more.length === 0 ? '' : ` and ${more.length} more`;
  return [
    {
      id: 'undo',
      label: `Undo: ${shortened(first.name)}${sizes}${rest}`,
      style: undefined,
      confirm: riskOf(previews),
      does: { kind: 'undo', runId: run.id },
    },
  ];
}
