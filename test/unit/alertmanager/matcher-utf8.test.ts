import { describe, expect, test } from 'vitest';
import { parseMatchers } from '../../../src/alertmanager/matcher.js';
import { MatcherError } from '../../../src/alertmanager/matcher-error.js';

/*
 * What only the newer, UTF-8 grammar of Alertmanager takes, or takes otherwise than the classic one;
 * worked out by hand from the grammar (Alertmanager, matcher/parse) and from the syntax of RE2.
 */

const r = String.raw;

describe('matchers of the UTF-8 grammar', () => {
  test.each<[string, string, string, boolean]>([
    // names in quotes, and names that the classic grammar has not
    ['"foo"=bar', 'foo', 'bar', true],
    ['"a name"=bar', 'a name', 'bar', true],
    ['"a,b"="c,d"', 'a,b', 'c,d', true],
    ['"{a}"=~"b.*"', '{a}', 'bcd', true],
    ['"="="="', '=', '=', true],
    [r`"a\"b"=c`, 'a"b', 'c', true],
    [r`"a\\b"=c`, 'a\\b', 'c', true],
    [r`"\u00fc"=x`, 'ü', 'x', true],
    ['größe=x', 'größe', 'x', true],
    ['a.b-c/d=x', 'a.b-c/d', 'x', true],
    ['1=2', '1', '2', true],
    ['日本=語', '日本', '語', true],
    ['🙂!=x', '🙂', 'y', true],
    // escapes of Go
    [r`a="\t\n\r"`, 'a', '\t\n\r', true],
    [r`a="\x41\102"`, 'a', 'AB', true],
    [r`a="\u00fc\U0001F642"`, 'a', 'ü🙂', true],
    [r`a="\xf0\x9f\x99\x82"`, 'a', '🙂', true],
    [r`a="\a\b\f\v"`, 'a', '\u0007\b\f\v', true],
    [r`a=~"\\d+"`, 'a', '42', true],
    [r`a=~"\\d+"`, 'a', 'd', false],
    [r`a=~"a\\.b"`, 'a', 'axb', false],
    // values that are empty, and labels that are missing
    ['a=""', 'other', 'x', true],
    ['a!=""', 'other', 'x', false],
    ['a=~""', 'other', 'x', true],
    ['a!~""', 'a', 'x', true],
    ['a=~"|x"', 'other', 'x', true],
    ['a=~"x*"', 'other', 'x', true],
    ['a!~".*"', 'other', 'x', false],
    ['a!~".+"', 'other', 'x', true],
    ['""=""', 'other', 'x', true],
    // what RE2 has of its own
    ['a=~(?i)ABC', 'a', 'abc', true],
    ['a=~"(?s).*"', 'a', 'x\ny', true],
    ['a=~".*"', 'a', 'x\ny', false],
    [r`a=~"(?m)x$\\n^y"`, 'a', 'x\ny', true],
    [r`a=~"\\Qa.b\\E"`, 'a', 'a.b', true],
    [r`a=~"\\Qa.b\\E"`, 'a', 'axb', false],
    [r`a=~"\\p{Greek}+"`, 'a', 'αβγ', true],
    [r`a=~"\\PL+"`, 'a', '123', true],
    ['a=~"[[:alpha:]]+"', 'a', 'abc', true],
    ['a=~"[[:^digit:]]+"', 'a', '1', false],
    ['a=~"(?P<year>20[0-9]{2})"', 'a', '2026', true],
    [r`a=~"\\Ax\\z"`, 'a', 'x', true],
    [r`a=~"\\x{1F642}"`, 'a', '🙂', true],
    ['a=~"."', 'a', '🙂', true],
    ['a=~"(?U)x+"', 'a', 'xxx', true],
    ['a=~"x|y"', 'a', 'xy', false],
    ['a=~"(?i)ſ"', 'a', 'S', true],
  ])('%s on %s=%j: %s', (text, name, value, expected) => {
    expect(parseMatchers(text).every((each) => each.matches({ [name]: value }))).toBe(expected);
  });

  test.each([
    // the classic grammar takes these
    'foo=',
    'foo=a b',
    'foo={x}',
    r`foo="\d"`,
    r`foo=a\b`,
    "foo='bar'",
    'foo=bar"baz"',
    '{foo=bar',
    'foo=bar}',
    // escapes and bytes that Go refuses
    r`foo="\'"`,
    r`foo="\x4"`,
    r`foo="\ud800"`,
    r`foo="\U00110000"`,
    r`foo="\400"`,
    r`foo="\xff"`,
    // what other regular expressions have and RE2 has not
    'foo=~"(?=x)"',
    'foo=~"(?<!x)"',
    r`foo=~"(a)\\1"`,
    'foo=~"a++"',
    'foo=~"(?>a)"',
    r`foo=~"\\Z"`,
    r`foo=~"\\cA"`,
    'foo=~"a{1001}"',
    r`foo=~"\\p{Klingon}"`,
    'foo=~"(?x)a"',
  ])('%s is refused', (text) => {
    expect(() => parseMatchers(text)).toThrow(MatcherError);
  });
});
