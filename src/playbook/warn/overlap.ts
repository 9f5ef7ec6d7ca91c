import type { Matcher, MatcherOperator } from '../../alertmanager/matcher.js';
import { canHold, findValue } from '../../alertmanager/matcher-values.js';
import type { Playbook } from '../playbook.js';

const opposite: Readonly<Record<MatcherOperator, MatcherOperator>> = {
  '=': '!=',
  '!=': '=',
  '=~': '!~',
  '!~': '=~',
};

type Matched = Pick<Playbook, 'match' | 'when' | 'requires' | 'sources'>;

/** Whether every alert that one playbook takes is surely taken by another too; `false` where that is not certain. */
export function implies(narrow: Matched, wide: Matched): boolean {
  for (const source of narrow.sources) if (!wide.sources.has(source)) return false;
  if (wide.when !== undefined && wide.when.text !== narrow.when?.text) return false;
  if (wide.requires !== undefined) return false;
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
  one: Pick<Playbook, 'match' | 'sources'>,
  other: Pick<Playbook, 'match' | 'sources'>,
): Readonly<Record<string, string>> | undefined {
  if (![...one.sources].some((source) => other.sources.has(source))) return undefined;
  // most pairs differ in a value, which is seen without a search
  if (excludes(one.match, other.match) || excludes(other.match, one.match)) return undefined;
  const byName = new Map<string, Matcher[]>();
  for (const matcher of [...one.match, ...other.match]) {
    byName.set(matcher.name, [...(byName.get(matcher.name) ?? []), matcher]);
  }
  const labels = new Map<string, string>();
  for (const [name, matchers] of byName) {
    const found = findValue(matchers);
    if (found.kind !== 'value') return undefined;
    if (found.value !== '') labels.set(name, found.value);
  }
  return Object.fromEntries(labels);
}

/** Whether a value that some matchers ask for is refused by others. */
function excludes(some: readonly Matcher[], others: readonly Matcher[]): boolean {
  return some.some(
    ({ name, op, value }) =>
      op === '=' &&
      others.some((other) => other.name === name && !other.matches({ [name]: value })),
  );
}
