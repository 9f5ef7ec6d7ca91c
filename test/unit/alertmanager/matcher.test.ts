import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Labels } from '../../../src/alertmanager/alert.js';
import {
  createMatcher,
  type MatcherOperator,
  parseMatchers,
} from '../../../src/alertmanager/matcher.js';
import { MatcherError } from '../../../src/alertmanager/matcher-error.js';

function parts(text: string): [string, string, string][] {
  return parseMatchers(text).map(({ name, op, value }) => [name, op, value]);
}

function faultOf(text: string): MatcherError {
  try {
    parseMatchers(text);
  } catch (error) {
    if (error instanceof MatcherError) return error;
    throw error;
  }
  throw new Error(`${text} was accepted`);
}

describe('matchers are read', () => {
  test.each<[string, [string, string, string][]]>([
    ['', []],
    ['{}', []],
    [' { } ', []],
    ['foo=bar', [['foo', '=', 'bar']]],
    ['foo=bar,', [['foo', '=', 'bar']]],
    ['{foo!=bar , }', [['foo', '!=', 'bar']]],
    ['foo =~ [a-z]+', [['foo', '=~', '[a-z]+']]],
    ['{foo!~[a-z]+}', [['foo', '!~', '[a-z]+']]],
    ['foo=""', [['foo', '=', '']]],
    ['foo=🙂bar', [['foo', '=', '🙂bar']]],
    ['1 = 2', [['1', '=', '2']]],
    ['a:b/c.d-e(f)=$x;y|z', [['a:b/c.d-e(f)', '=', '$x;y|z']]],
    ['"a name"="{a, value}"', [['a name', '=', '{a, value}']]],
    [String.raw`foo="\xf0\x9f\x99\x82\n\"\\"`, [['foo', '=', '🙂\n"\\']]],
    ['""=""', [['', '=', '']]],
    ['foo\u00a0=\u2003bar\n', [['foo', '=', 'bar']]],
    [
      '{ foo = bar , "bar" != "b,az" }',
      [
        ['foo', '=', 'bar'],
        ['bar', '!=', 'b,az'],
      ],
    ],
  ])('from %j', (text, expected) => {
    expect(parts(text)).toEqual(expected);
  });
});

describe('what Alertmanager refuses is refused, with the place', () => {
  test.each<[string, number, RegExp]>([
    [',', 0, /expected a label name, got ,/],
    ['{,}', 1, /expected a label name, got ,/],
    ['{', 1, /expected a comma or a closing brace, got the end/],
    ['}', 0, /without an opening one/],
    ['foo=bar}', 7, /without an opening one/],
    ['{foo=bar', 8, /closing brace, got the end/],
    ['{foo=bar}}', 9, /expected the end/],
    ['{foo=bar},', 9, /expected the end/],
    ['{{foo=bar}}', 1, /expected a label name/],
    ['foo=', 4, /expected a value \(""/],
    ['foo=,bar=baz', 4, /expected a value/],
    ['foo=~', 5, /expected a regular expression, got the end/],
    ['foo==bar', 4, /write equality with one =/],
    ['foo', 3, /expected one of = != =~ !~ after the label name, got the end/],
    ['foo bar', 4, /expected one of = != =~ !~/],
    ['=bar', 0, /expected a label name/],
    ['!foo=bar', 0, /expected = or ~ after !/],
    ['foo=bar baz=qux', 8, /expected a comma or the end/],
    ['foo=bar,,', 8, /expected a label name/],
    ['{foo=:"bar"}', 6, /expected a comma or a closing brace/],
    ['foo="bar', 4, /double quote is missing/],
    ["foo='bar'", 4, /' is not allowed/],
    ['foo=`bar`', 4, /` is not allowed/],
    ['foo~bar', 3, /expected one of = != =~ !~, got ~/],
    [String.raw`{foo=bar\n}`, 8, /\\ is not allowed/],
    [String.raw`{foo="bar\w"}`, 5, /escapes of Go/],
    [String.raw`foo="\xf0\x9f"`, 4, /escapes of Go/],
    ['foo="a\nb"', 4, /escapes of Go/],
    ['a=b, foo=~"("', 10, /not an RE2 regular expression: missing closing \)/],
    ['foo!~(?=x)', 5, /not an RE2 regular expression/],
  ])('%j', (text, offset, message) => {
    const fault = faultOf(text);
    expect(fault.message).toMatch(message);
    expect(fault.offset).toBe(offset);
  });
});

describe('a matcher', () => {
  test.each<[string, Labels, boolean]>([
    ['a=x', { a: 'x' }, true],
    ['a=x', { a: 'y' }, false],
    ['a=x', {}, false],
    ['a=""', {}, true],
    ['a=""', { a: 'x' }, false],
    ['a!=x', {}, true],
    ['a!=""', {}, false],
    ['a!=""', { a: 'x' }, true],
    ['a=~x', { a: 'xx' }, false],
    ['a=~"x|yy"', { a: 'yy' }, true],
    ['a=~".*"', {}, true],
    ['a=~".+"', {}, false],
    ['a!~".+"', {}, true],
    ['a!~x', { a: 'x' }, false],
    ['constructor=""', {}, true],
    ['toString!=""', { a: 'x' }, false],
  ])('%s on %j: %s', (text, labels, expected) => {
    expect(parseMatchers(text).map((matcher) => matcher.matches(labels))).toEqual([expected]);
  });

  test('prints itself so that it is read back', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', ' ', '"', '\\', '{', ',', '=', 'é', '\n'),
    });
    const op = fc.constantFrom<MatcherOperator>('=', '!=');
    fc.assert(
      fc.property(fc.array(fc.record({ name: text, op, value: text }), { minLength: 1 }), (all) => {
        const printed = all.map((one) => createMatcher(one).toString()).join(', ');
        expect(parts(printed)).toEqual(all.map(({ name, op, value }) => [name, op, value]));
      }),
    );
  });
});

/** The grammar as one expression of JavaScript: slow, but there is nothing in it to get wrong. */
const space = '[\\s\\u0085]*';
const word = `(?:[abn]+|"(?:[^"\\\\\\n]|\\\\[abn"\\\\])*")`;
const one = `${space}${word}${space}(?:=|!=)${space}${word}${space}`;
const several = `(?:${one}(?:,${one})*(?:,${space})?)?`;
const grammar = new RegExp(`^${space}(?:\\{${space}${several}\\}|${several})${space}$`);

test('a text is accepted if and only if the grammar of Alertmanager has it', () => {
  const piece = fc.constantFrom(
    ...['a', 'b', 'n', '"', '\\', '{', '}', ',', '=', '!=', '!', '~', ' ', '\n', "'", '`'],
    ...['a=b', 'a="b"', 'a!=b,', '{a="",', '""'],
  );
  let accepted = 0;
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 7 }), (pieces) => {
      const text = pieces.join('');
      // Which values are regular expressions is RE2's business, not the grammar's.
      fc.pre(!/[=!]~/.test(text));
      const wanted = grammar.test(text);
      if (wanted) accepted += 1;
      let found = true;
      try {
        parseMatchers(text);
      } catch (error) {
        if (!(error instanceof MatcherError)) throw error;
        found = false;
      }
      expect(found, JSON.stringify(text)).toBe(wanted);
    }),
    { numRuns: 3000 },
  );
  expect(accepted).toBeGreaterThan(100);
});

test('regular expressions match as a reference does that tries every way', () => {
  const pattern = fc
    .array(fc.constantFrom('a', 'b', '.', 'a*', 'b+', '(ab)?', '[ab]', '|', '(a|b)*', 'b{2}'), {
      maxLength: 5,
    })
    .map((pieces) => pieces.join(''));
  const value = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 });
  fc.assert(
    fc.property(pattern, fc.option(value, { nil: undefined }), (source, actual) => {
      const labels: Labels = actual === undefined ? {} : { name: actual };
      const wanted = new RegExp(`^(?:${source})$`).test(actual ?? '');
      expect(createMatcher({ name: 'name', op: '=~', value: source }).matches(labels)).toBe(wanted);
      expect(createMatcher({ name: 'name', op: '!~', value: source }).matches(labels)).toBe(
        !wanted,
      );
    }),
  );
});

test('any matchers hold on any labels exactly when each of them does by the book', () => {
  const name = fc.constantFrom('a', 'b', 'toString');
  const text = fc.string({ unit: fc.constantFrom('x', 'y'), maxLength: 2 });
  const op = fc.constantFrom<MatcherOperator>('=', '!=', '=~', '!~');
  const parts = fc.record({ name, op, value: text });
  const labels = fc.dictionary(name, text);
  let held = 0;
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 3 }), labels, (all, actual) => {
      // texts without special characters are expressions for themselves: an operator is the other with ~
      const wanted = all.every(({ name: label, op: how, value }) => {
        const found = Object.hasOwn(actual, label) ? actual[label] : '';
        return (found === value) === !how.startsWith('!');
      });
      const printed = all.map((one) => createMatcher(one).toString()).join(', ');
      expect(parseMatchers(printed).every((matcher) => matcher.matches(actual))).toBe(wanted);
      if (wanted && all.length > 0) held += 1;
    }),
    { numRuns: 1_000 },
  );
  expect(held).toBeGreaterThan(50);
});
