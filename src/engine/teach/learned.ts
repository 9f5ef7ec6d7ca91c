import type { Labels } from '../../alert/alert.js';
import type { Attempt, Run, RunStep } from '../../ledger/run.js';

/** The one change by which a person's run helped, as far as a playbook can be made of it. */
export interface Learned {
  readonly kind: 'service' | 'group';
  /** What the target was called by. */
  readonly target: string;
  readonly action: keyof typeof sizing;
  /** The parameter that names the target, and its value as an expression, or as it is. */
  readonly param: string;
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

/**
 * What can be learned from a run that a person started and that helped; `null` where nothing can: it
 * changed nothing itself, more than one thing, or what is no size. Pure.
 *
 * @param workerAsg `JIDOKA_WORKER_ASG`, or the empty string
 */
export function learnedFrom(run: Run, workerAsg: string): Learned | null {
  const [step, ...moreSteps] = run.steps;
  const made = run.attempts.filter(({ appliedAtMs, undo }) => appliedAtMs !== null && !undo);
  const [attempt, ...moreAttempts] = made;
  if (step === undefined || attempt === undefined) return null;
  if (moreSteps.length + moreAttempts.length > 0) return null;
  const { alertname = '' } = run.labels;
  return alertname === '' ? null : learned(step, attempt, run.labels, workerAsg);
}

/** The actions that set a size, and how each names its target. */
const sizing = {
  'swarm.scale': { kind: 'service', param: 'service', labels: ['service'] },
  'asg.resize': { kind: 'group', param: 'group', labels: ['asg', 'group'] },
} as const;

function isSizing(action: string): action is keyof typeof sizing {
  return Object.hasOwn(sizing, action);
}

function learned(
  { action, params, settleMs }: RunStep,
  { change }: Attempt,
  labels: Labels,
  workerAsg: string,
): Learned | null {
  const { from, to, unit } = change;
  if (!isSizing(action)) return null;
  const known = sizing[action];
  if (typeof from !== 'number' || typeof to !== 'number') return null;
  const named = params[known.param];
  if (typeof named !== 'string') return null;
  const label = known.labels.find((name: string) => labels[name] === named) ?? null;
  const fromWorkers = known.kind === 'group' && label === null && named === workerAsg;
  return {
    kind: known.kind,
    target: named,
    action,
    param: known.param,
    expression: label !== null ? `labels.${label}` : fromWorkers ? 'worker_asg' : null,
    label,
    from,
    to,
    by: to - from,
    unit,
    settleMs,
  };
}
