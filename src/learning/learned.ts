import type { Labels } from '../alertmanager/alert.js';
import type { AnyAction, SizeLearning } from '../integrations/contract/action.js';
import { isResize } from '../integrations/contract/operation.js';
import type { Attempt, Run, RunStep } from '../ledger/run.js';

/** The one change of a size by which a person's run helped, as far as a playbook can be made of it. */
export interface Learned {
  /** What the target was called by. */
  readonly target: string;
  readonly action: string;
  /** How a playbook uses that action. */
  readonly how: SizeLearning;
  /** The name of the target as an expression; `null`: as it is. */
  readonly expression: string | null;
  /** The label that names the target; `null`: none does. */
  readonly label: string | null;
  readonly from: number;
  readonly to: number;
  /** Above zero is up. */
  readonly by: number;
  readonly unit: string;
  readonly settleMs: number;
}

/** What is known beside a run. */
export interface LearnedFrom {
  readonly actions: ReadonlyMap<string, AnyAction>;
  /** `JIDOKA_WORKER_ASG`, or the empty string. */
  readonly workerAsg: string;
}

/**
 * What can be learned from a run that a person started and that helped; `null` where nothing can: it
 * changed nothing itself, more than one thing, or what is no size. Pure.
 */
export function learnedFrom(run: Run, about: LearnedFrom): Learned | null {
  const [step, ...moreSteps] = run.steps;
  const made = run.attempts.filter(({ appliedAtMs, undo }) => appliedAtMs !== null && !undo);
  const [attempt, ...moreAttempts] = made;
  if (step === undefined || attempt === undefined) return null;
  if (moreSteps.length + moreAttempts.length > 0) return null;
  const { alertname = '' } = run.labels;
  return alertname === '' ? null : learned(step, attempt, run.labels, about);
}

function learned(
  { action, params, settleMs }: RunStep,
  { change }: Attempt,
  labels: Labels,
  { actions, workerAsg }: LearnedFrom,
): Learned | null {
  const how = actions.get(action)?.learning;
  if (how === undefined || !isResize(change.op)) return null;
  const { from, to, unit } = change.op;
  const target = params[how.param];
  if (typeof target !== 'string') return null;
  const label = how.labels.find((name) => labels[name] === target) ?? null;
  const fromWorkers = how.workerAsg === true && label === null && target === workerAsg;
  return {
    target,
    action,
    how,
    expression: label !== null ? `labels.${label}` : fromWorkers ? 'worker_asg' : null,
    label,
    from,
    to,
    by: to - from,
    unit,
    settleMs,
  };
}
