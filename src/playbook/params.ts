import type { z } from 'zod';
import type { AnyAction } from '../integrations/contract/action.js';
import type { ParamValue, Sample, Template } from './expression.js';
import { explainIssues, type Fault } from './issue.js';

type Templates = Readonly<Record<string, Template>>;
type Issue = z.core.$ZodIssue;

/** Values that stand for an expression's at load time; a fault has to show with each of them. */
const samples: readonly Sample[] = [
  { string: 'x', number: 1, boolean: true },
  { string: 'x', number: -1, boolean: false },
  { string: 'x', number: 0, boolean: true },
  { string: 'x', number: 1_000_000, boolean: false },
];

/**
 * Checks a step's parameters against its action as far as that is possible before there is an alert:
 * names, literals, the types of expressions, and rules about several parameters that do not depend
 * on what an expression gives. What is left is checked after evaluation (`evaluateStep`).
 */
export function checkParams(action: AnyAction, templates: Templates): Fault[] {
  const trials = samples.map((sample) => {
    const values: Record<string, ParamValue> = {};
    for (const [name, template] of Object.entries(templates)) {
      values[name] = template.sample(sample);
    }
    return { values, issues: action.params.safeParse(values).error?.issues ?? [] };
  });
  const byExpression = (issue: Issue) => {
    const template = templateAt(templates, issue.path);
    return template?.literal === false && template.formed !== true;
  };
  // A sample that the action does not take may keep it from checking the rest.
  const taken = trials.filter(({ issues }) => !issues.some(byExpression));
  const [first, ...others] = taken.length > 0 ? taken : trials;
  if (first === undefined) return [];
  const certain = first.issues.filter(
    (issue) =>
      (!byExpression(issue) || isTypeMismatch(issue, templates)) &&
      others.every((other) => other.issues.some((candidate) => isSame(candidate, issue))),
  );
  return certain.flatMap((issue) => {
    const template = templateAt(templates, issue.path);
    return byExpression(issue) && template !== undefined
      ? [typeFault(issue, template)]
      : explainIssues(action.params, [issue], first.values);
  });
}

/** The parameter at a place, or the one around it that holds no others. */
function templateAt(templates: Templates, path: readonly PropertyKey[]): Template | undefined {
  const [name, ...rest] = path;
  let template = templates[String(name)];
  for (const key of rest) template = template?.inner?.get(key) ?? template;
  return template;
}

/** Whether an expression gives a value of another type; of a list or a mapping its own form decides. */
function isTypeMismatch(issue: Issue, templates: Templates): boolean {
  return issue.code === 'invalid_type' && templateAt(templates, issue.path)?.inner === undefined;
}

function isSame(a: Issue, b: Issue): boolean {
  return a.code === b.code && a.message === b.message && a.path.join() === b.path.join();
}

function typeFault(issue: Issue, template: Template): Fault {
  const wanted = issue.code === 'invalid_type' ? issue.expected : 'another type';
  const advice =
    template.type === 'string' && (wanted === 'int' || wanted === 'number')
      ? '; int(…) converts a string to a number'
      : '';
  return {
    path: issue.path,
    message: `expected an expression of type ${wanted}, got ${template.type}${advice}`,
  };
}
