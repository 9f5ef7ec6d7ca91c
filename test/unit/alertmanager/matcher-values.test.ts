import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createMatcher,
  type MatcherOperator,
  parseMatchers,
} from '../../../src/alertmanager/matcher.js';
import { findValue } from '../../../src/alertmanager/matcher-values.js';

describe('matchers of one label that no value fulfils', () => {
  test.each([
    'a="x", a="y"',
    'a="x", a!="x"',
    'a="x", a!~"x|y"',
    'a="", a!=""',
    'a="", a=~".+"',
    'a=~"x|y", a=~"z.*"',
    'a=~"x|y", a!="x", a!="y"',
    'a=~"shop_.*", a!~"s.*"',
    'a=~"(?i)kilo", a=~"mega|giga"',
    'a=~"[a-z]+", a=~"[0-9]+"',
    String.raw`a=~"x\\by"`,
    'a=~"x^y"',
    'a=~"x$y"',
    String.raw`a=~"[^\\x00-\\x{10FFFF}]"`,
    'a!~"(?s).*"',
    String.raw`a=~"(?s).*", a!~".*", a!~"(?s).*\\n.*"`,
    'a=~"a{3}", a=~"a{2}"',
  ])('%s', (text) => {
    expect(findValue(parseMatchers(text))).toEqual({ kind: 'none' });
  });
});

describe('matchers of one label that a value fulfils', () => {
  test.each([
    'a="x"',
    'a!="x"',
    'a=~"x|y", a!="x"',
    'a=~"shop_.*", a!~".*_web"',
    'a=~"(?i)kilo", a!~"[a-zA-Z]*"',
    'a=~"(?i)s", a!~"[sS]"',
    'a!~".*"',
    'a=~"(?m)x$\\\\n^y"',
    String.raw`a=~"\\pL+", a!~"[a-zA-Z]+"`,
    String.raw`a=~".*\\b.*", a!~"\\w+"`,
    'a=~"(a|b)*abb", a=~"(aab|abb|b)*", a!="abb"',
  ])('%s', (text) => {
    const matchers = parseMatchers(text);
    const found = findValue(matchers);
    expect(found).toMatchObject({ kind: 'value' });
    if (found.kind !== 'value') return;
    expect(matchers.every((matcher) => matcher.matches({ a: found.value }))).toBe(true);
  });
});

test('what is found holds, and where nothing is found nothing that was tried holds', () => {
  const pattern = fc
    .array(
      fc.constantFrom('a', 'b', '.', 'a*', 'b+', '(ab)?', '[^a]', '|', '(?i)A', '\\b', '^', '$'),
      { maxLength: 5 },
    )
    .map((pieces) => pieces.join(''));
  const matcher = fc
    .record({ op: fc.constantFrom<MatcherOperator>('=', '!=', '=~', '!~'), value: pattern })
    .map((parts) => createMatcher({ name: 'x', ...parts }));
  const tried = ['', 'a', 'b', 'A', 'ab', 'ba', 'aa', 'bb', 'aab', 'abb', 'c', 'a b', '\n', 'ab\n'];
  let none = 0;
  fc.assert(
    fc.property(fc.array(matcher, { minLength: 1, maxLength: 3 }), (matchers) => {
      const found = findValue(matchers);
      const holds = (x: string) => matchers.every((each) => each.matches({ x }));
      if (found.kind === 'value') expect(holds(found.value), found.value).toBe(true);
      else expect(tried.filter(holds)).toEqual([]);
      if (found.kind === 'none') none += 1;
    }),
    { numRuns: 2000 },
  );
  expect(none).toBeGreaterThan(50);
});

test('a search that would take too long gives up', () => {
  const pattern = `(a|b)*a${'(a|b)'.repeat(14)}`;
  const matchers = parseMatchers(`a=~"${pattern}", a!~"${pattern}c*"`);
  expect(findValue(matchers)).toEqual({ kind: 'undecided' });
});
