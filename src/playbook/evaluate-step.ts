import { readJobValues } from '../integrations/contract/job-values.js';
import { InputError } from '../lib/errors.js';
import { EvaluationError, type ExpressionInput, type ParamValue } from './expression.js';
import { explainIssues, faultText } from './issue.js';
import type { Step } from './playbook.js';

/**
 * The parameters of a step for an alert: expressions evaluated, then checked by the action.
 *
 * @throws EvaluationError that names the step, the parameter and what was expected.
 */
export function evaluateStep(
  step: Step,
  input: ExpressionInput,
): Readonly<Record<string, unknown>> {
  const values: Record<string, ParamValue> = {};
  for (const [name, template] of Object.entries(step.params)) {
    try {
      values[name] = template.evaluate(input);
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      throw new EvaluationError(`${step.action.name}: ${name}: ${error.message}`, { cause: error });
    }
  }
  const checked = step.action.params.safeParse(values);
  if (checked.success) return withJob(step, checked.data);
  const faults = explainIssues(step.action.params, checked.error.issues, values).map(faultText);
  throw new EvaluationError(
    `${step.action.name}: ${faults.join('; ')} (the parameters are ${JSON.stringify(values)})`,
  );
}

/** The parameters with the job that the step runs, and the values of its inputs. */
function withJob(
  { action, job }: Step,
  params: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const { inputsParam } = action;
  if (job === undefined || inputsParam === undefined) return params;
  try {
    const given = (params[inputsParam] ?? {}) as Readonly<Record<string, unknown>>;
    return { ...params, [inputsParam]: readJobValues(job, given), definition: job };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new EvaluationError(`${action.name}: ${error.message}`, { cause: error });
  }
}

/** Returns the names of a step's parameters that expressions compute. */
export function expressionsIn({ params }: Step): readonly string[] {
  return Object.keys(params).filter((name) => params[name]?.literal === false);
}
