import type { AnyAction, Bounds } from '../integrations/contract/action.js';
import { inputOfType, type JobDefinition } from '../integrations/contract/job.js';
import { readJobValues } from '../integrations/contract/job-values.js';
import { TargetError } from '../integrations/contract/target-error.js';
import type { Choice } from '../ledger/escalation.js';
import { InputError } from '../lib/errors.js';
import { EvaluationError, type ExpressionInput } from '../playbook/expression.js';
import type { JobOffer } from '../playbook/job-offers.js';
import { riskOf } from './risk.js';
import { shortened } from './shortened.js';

/** A choice that runs a job, or a note why there is none. */
export interface SuggestedJob {
  readonly choices: readonly Choice[];
  readonly notes: readonly string[];
}

/** Works out the button of a job that is offered for an alert: it runs what the person saw, or nothing. */
export async function suggestJob(
  { job, with: values }: JobOffer,
  actions: ReadonlyMap<string, AnyAction>,
  input: ExpressionInput,
  bounds: Bounds,
): Promise<SuggestedJob> {
  const action = [...actions.values()].find(({ jobParam }) => jobParam !== undefined);
  if (action?.jobParam === undefined || action.inputsParam === undefined) return none([]);
  const not = (why: string) => none([`Not suggested: ${job.name}: ${why}.`]);
  try {
    const given = values.evaluate(input) as Readonly<Record<string, unknown>>;
    const params = {
      [action.jobParam]: job.name,
      [action.inputsParam]: readJobValues(job, given),
      definition: job,
    };
    const { locks, ...observation } = await action.observe(params);
    const plan = action.plan(params, observation, bounds);
    if (plan.kind !== 'change') return not(plan.detail);
    const { target, op } = plan;
    const choice: Choice = {
      id: `job-${job.name}`,
      label: `Run ${job.name}${placeOf(job, shortened(target.name))}`,
      style: 'danger',
      confirm: riskOf([{ name: target.name, operations: [op] }]),
      does: { kind: 'act', action: action.name, params, target, ...(locks && { locks }) },
    };
    return { choices: [choice], notes: [] };
  } catch (error) {
    const isKnown = [EvaluationError, InputError, TargetError].some(
      (kind) => error instanceof kind,
    );
    if (isKnown) return not((error as Error).message);
    throw error;
  }
}

function none(notes: readonly string[]): SuggestedJob {
  return { choices: [], notes };
}

/** ` on node-3`, ` for web`; nothing where the job itself is the target. */
function placeOf(job: JobDefinition, target: string): string {
  if (inputOfType(job, 'node') !== undefined) return ` on ${target}`;
  return inputOfType(job, 'service') === undefined ? '' : ` for ${target}`;
}
