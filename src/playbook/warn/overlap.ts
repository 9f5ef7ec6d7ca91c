import type { Matcher, MatcherOperator } from '../../alert/matcher.js';
import { canHold, findValue } from '../../alert/matcher-values.js';
import type { Playbook } from '../playbook.js';

const opposite: Readonly<Record<MatcherOperator, MatcherOperator>> = {
  '=': '!=',
  '!=': '=',
  '=~': '!~',
  '!~': '=~',
};

/** Whether every alert that one playbook takes is surely taken by another too; `false` where that is not certain. */
export function implies(
  narrow: Pick<Playbook, 'match' | 'when'>,
  wide: Pick<Playbook, 'match' | 'when'>,
): boolean {
  if (wide.when !== undefined && wide.when.text !== narrow.when?.text) return false;
  return wide.match.every((wanted) => {
    const given = narrow.match.filter(({ name }) => name === wanted.name);
    // the two usual cases, at once; the search below would find the same
    const exact = given.find(({ op }) => op === '=');
    if (exact !== undefined) return wanted.matches({ [wanted.name]: exact.value });
    if (given.length === 0 && !wanted.matches({})) return false;
    const against = { op: opposite[wanted.op], value: wanted.value };
    return !canHold([...given, against]);
  });
}

/**
 * Labels of an alert that fulfils the matchers of both playbooks; `undefined` where there is none,
 * or where that is not certain.
 */
export function commonAlert(
  one: Pick<Playbook, 'match'>,
  other: Pick<Playbook, 'match'>,
): Readonly<Record<string, string>> | undefined {
  // most pairs differ in a value, which is seen without a search
  if (excludes(one.match, other.match) || excludes(other.match, one.match)) return undefined;
  const byName = new Map<string, Matcher[]>();
  for (const matcher of [...one.match, ...other.match]) {
    byName.set(matcher.name, [...(byName.get(matcher.name) ?? []), matcher]);
  }
  const labels: Record<string, string> = {};
  for (const [name, matchers] of byName) {
    const found = findValue(matchers);
    if (found.kind !== 'value') return undefined;
    if (found.value !== '') labels[name] = found.value;
  }
  return labels;
}

/** Whether a value that some matchers ask for is refused by others. */
function excludes(some: readonly Matcher[], others: readonly Matcher[]): boolean {
  return some.some(
    ({ name, op, value }) =>
      op === '=' &&
      others.some((other) => other.name === name && !other.matches({ [name]: value })),
  );
}
