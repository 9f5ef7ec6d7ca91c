import type { Labels } from '../alertmanager/alert.js';
import { labelValue } from '../alertmanager/labels.js';
import type { Matcher } from '../alertmanager/matcher.js';
import { messageOf } from '../lib/errors.js';
import type { ExpressionInput } from './expression.js';
import { EvaluationError, type Expression } from './expression.js';
import type { AlertInput, Playbook } from './playbook.js';

/** One condition of a playbook, held against an alert. */
export interface Clause {
  /** As it was written: a matcher, `when: …` or `requires: …`. */
  readonly clause: string;
  readonly expected: string;
  readonly actual: string;
  /**
   * `failed`: `when:` has no value for this alert, which counts as not met; `unknown`: it could not be told
   * whether the target is as required, or was not asked for.
   */
  readonly outcome: 'met' | 'missed' | 'failed' | 'unknown';
}

/** Every clause of a playbook, that of its source only where it is not met; it matches where all are met. `when:` is evaluated in any case. */
export function clausesOf(playbook: Playbook, input: AlertInput): readonly Clause[] {
  const { match, when } = playbook;
  const source = sourceClause(playbook, input);
  return [
    ...(source.outcome === 'missed' ? [source] : []),
    ...match.map((matcher) => matcherClause(matcher, input.labels)),
    ...(when === undefined ? [] : [whenClause(when, input)]),
  ];
}

/** Whether a playbook takes alerts from where this one comes from; one that is run by hand takes them. */
export function takesSource(
  { name, sources }: Playbook,
  { source = 'alertmanager', manual }: AlertInput,
): boolean {
  if (manual !== undefined) return name === manual;
  return sources.has(source);
}

/** Where a playbook's alerts come from, held against where this one does. */
export function sourceClause(playbook: Playbook, input: AlertInput): Clause {
  const names = [...playbook.sources];
  return {
    clause: `source: ${names.length === 1 ? names[0] : `[${names.join(', ')}]`}`,
    expected: names.join(' or '),
    actual: input.source ?? 'alertmanager',
    outcome: takesSource(playbook, input) ? 'met' : 'missed',
  };
}

/** How many clauses the alert meets by a label that it has, which is what makes a playbook near. */
export function sharedWith({ match }: Playbook, labels: Labels): number {
  return match.filter(
    (matcher) => labelValue(labels, matcher.name) !== '' && matcher.matches(labels),
  ).length;
}

/** A matcher, held against labels. */
export function matcherClause(matcher: Matcher, labels: Labels): Clause {
  return {
    clause: matcher.toString(),
    expected: expectationOf(matcher),
    actual: shownLabel(labels, matcher.name),
    outcome: matcher.matches(labels) ? 'met' : 'missed',
  };
}

/** A condition, held against an alert. */
export function whenClause(when: Expression, input: ExpressionInput): Clause {
  const clause = { clause: `when: ${when.text}`, expected: 'true' };
  try {
    return when.evaluate(input)
      ? { ...clause, actual: 'true', outcome: 'met' }
      : { ...clause, actual: 'false', outcome: 'missed' };
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    return { ...clause, actual: messageOf(error), outcome: 'failed' };
  }
}

function expectationOf({ op, value }: Matcher): string {
  const text = JSON.stringify(value);
  switch (op) {
    case '=':
      return value === '' ? 'no such label' : text;
    case '!=':
      return value === '' ? 'any value' : `anything but ${text}`;
    case '=~':
      return `a match of ${text}`;
    case '!~':
      return `no match of ${text}`;
  }
}

function shownLabel(labels: Labels, name: string): string {
  const value = labelValue(labels, name);
  return value === '' ? 'missing' : JSON.stringify(value);
}
