import { isSameState, type Operation } from '../integrations/contract/change.js';
import type { Run } from './run.js';

/** The steps with `undo: true` whose changes a target took, the last one first. Pure. */
export function stepsToUndo({ attempts, steps }: Pick<Run, 'attempts' | 'steps'>): number[] {
  const taken = attempts.filter(({ appliedAtMs }) => appliedAtMs !== null);
  const changed = new Set(taken.map(({ step }) => step));
  return [...changed].filter((index) => steps[index]?.undo).sort((a, b) => b - a);
}

/**
 * What a step made of its target, over all changes that the target took in an unbroken row: what came
 * before another change is not the run's to put back any more. `null`: nothing. Pure.
 */
export function madeBy(
  { attempts }: Pick<Run, 'attempts'>,
  index: number,
): Pick<Operation, 'from' | 'to'> | null {
  const taken = attempts
    .filter(({ step, undo, appliedAtMs }) => step === index && !undo && appliedAtMs !== null)
    .flatMap(({ change, part }) => (part === undefined ? change : part.index > 0 ? [] : part.of))
    .map(({ op }) => op);
  const last = taken.pop();
  if (last === undefined) return null;
  let { from } = last;
  for (const op of taken.reverse()) {
    if (!isSameState(op.to, from)) break;
    from = op.from;
  }
  return { from, to: last.to };
}
