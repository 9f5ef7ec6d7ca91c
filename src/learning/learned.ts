import type { Labels } from '../alertmanager/alert.js';
import type { AnyAction } from '../integrations/contract/action.js';
import type { Change } from '../integrations/contract/change.js';
import type { LearnedStep } from '../integrations/contract/learning.js';
import { targetLabels } from '../integrations/registry.js';
import type { Attempt, Run, RunStep } from '../ledger/run.js';

/** The one change by which a person's run helped, as a step that does it again. */
export interface Learned extends LearnedStep {
  readonly action: string;
  readonly change: Change;
  /** What in the alert holds a text of the parameters, by that text. */
  readonly sources: ReadonlyMap<string, Source>;
  readonly settleMs: number;
}

/** Where a text of the parameters comes from. */
interface Source {
  /** As playbooks write it: `labels.service`. */
  readonly expression: string;
  /** `null`: no label. */
  readonly label: string | null;
}

/** The variable of expressions that names the group of the nodes. */
const workers = 'worker_asg';

/** What is known beside a run. */
export interface LearnedFrom {
  readonly actions: ReadonlyMap<string, AnyAction>;
  /** `JIDOKA_WORKER_ASG`, or the empty string. */
  readonly workerAsg: string;
}

/**
 * What can be learned from a run that a person started and that helped; `null` where nothing can: it
 * changed nothing itself, more than one thing, or by an action that is not learned. Pure.
 */
export function learnedFrom(run: Run, about: LearnedFrom): Learned | null {
  const [step, ...moreSteps] = run.steps;
  const made = run.attempts.filter(
    ({ appliedAtMs, undo, later }) => appliedAtMs !== null && !undo && later !== true,
  );
  const [first, ...more] = made.map(planOf);
  if (step === undefined || first === undefined || moreSteps.length > 0) return null;
  // changes of one sequence are one
  if (more.some((change) => change !== first && !isSame(change, first))) return null;
  const { alertname = '' } = run.labels;
  return alertname === '' ? null : learned(step, first, run.labels, about);
}

/** The labels of the alert that its step reads. */
export function labelsOf({ sources }: Learned): readonly string[] {
  return [...sources.values()].flatMap(({ label }) => label ?? []);
}

/** Whether its step reads the group of the nodes. */
export function namesWorkers({ sources }: Learned): boolean {
  return [...sources.values()].some(({ expression }) => expression === workers);
}

function planOf({ part, change }: Attempt): Change {
  return part?.of ?? change;
}

function isSame(one: Change, other: Change): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function learned(
  { action: name, params, settleMs }: RunStep,
  change: Change,
  labels: Labels,
  { actions, workerAsg }: LearnedFrom,
): Learned | null {
  const action = actions.get(name);
  if (
    action?.learn === undefined ||
    !action.operations.some((one) => one.kind === change.op.kind)
  ) {
    return null;
  }
  const step = action.learn(params, change);
  if (step === undefined) return null;
  const sources = new Map<string, Source>();
  for (const text of textsIn(step)) {
    const source = sourceOf(text, labels, step.workerAsg === true ? workerAsg : '');
    if (source !== undefined) sources.set(text, source);
  }
  return { ...step, action: name, change, sources, settleMs };
}

/** The texts that an expression may take the place of. */
function textsIn({ params }: LearnedStep): readonly string[] {
  return params
    .filter(({ fixed }) => fixed !== true)
    .flatMap(({ value }) => (typeof value === 'object' ? Object.values(value) : [value]))
    .filter((value) => typeof value === 'string' && value !== '')
    .map(String);
}

/** Labels that name targets come first, then the group of the nodes, then all others. */
function sourceOf(text: string, labels: Labels, workerAsg: string): Source | undefined {
  const holds = (name: string) => Object.hasOwn(labels, name) && labels[name] === text;
  const naming = targetLabels.find(holds);
  if (naming !== undefined) return fromLabel(naming);
  if (text === workerAsg) return { expression: workers, label: null };
  const other = Object.keys(labels)
    .filter((name) => name !== 'alertname' && holds(name))
    .sort()[0];
  return other === undefined ? undefined : fromLabel(other);
}

/** Names that CEL reads as names: no word of the language, and no other characters. */
const plainName =
  /^(?!(?:as|break|const|continue|else|false|for|function|if|import|in|let|loop|namespace|null|package|return|true|var|void|while)$)[A-Za-z_][A-Za-z0-9_]*$/;

function fromLabel(label: string): Source {
  const expression = plainName.test(label) ? `labels.${label}` : `labels[${JSON.stringify(label)}]`;
  return { expression, label };
}
