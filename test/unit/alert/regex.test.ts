import { expect, test } from 'vitest';
import { compileAnchoredRegex, compileRegex, RegexError } from '../../../src/alert/regex.js';

test('an anchored expression has to match the whole text', () => {
  const matches = compileAnchoredRegex('warning|critical');
  expect(['warning', 'critical', 'warnings', 'xcritical', ''].map(matches)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});

test('a dot takes no newline and $ is the very end, as in Go', () => {
  expect(compileAnchoredRegex('.*')('a\nb')).toBe(false);
  expect(compileAnchoredRegex('a')('a\n')).toBe(false);
  expect(compileAnchoredRegex('(?s).*')('a\nb')).toBe(true);
});

test('what RE2 knows and JavaScript does not works', () => {
  expect(compileAnchoredRegex('(?i)ABC[[:digit:]]\\pN\\z')('abc12')).toBe(true);
});

test('an expression that is not anchored has to match somewhere', () => {
  expect(compileRegex('b+')('abba')).toBe(true);
  expect(compileRegex('^b+')('abba')).toBe(false);
});

test('an expression that would backtrack takes no longer than another', () => {
  const started = performance.now();
  expect(compileAnchoredRegex('(a|a)*(a|aa)+b')('a'.repeat(5000))).toBe(false);
  expect(performance.now() - started).toBeLessThan(2000);
});

test.each(['(', '[z-a]', '*', 'a{2000}', '(?=a)', '\\1', 'a\\'])(
  '%s is refused with the reason',
  (pattern) => {
    expect(() => compileAnchoredRegex(pattern)).toThrow(RegexError);
    expect(() => compileAnchoredRegex(pattern)).toThrow(/is no RE2 regular expression: \w+/);
  },
);

test('a regular expression says the same of a text however often and after whatever it is asked', () => {
  const regex = compileAnchoredRegex('[0-9]*[02468]');
  const texts = Array.from({ length: 100 }, (_, index) => String(index)).concat('8'.repeat(100));
  for (let round = 0; round < 3; round += 1) {
    expect(texts.map(regex)).toEqual(texts.map((text) => Number(text.at(-1)) % 2 === 0));
  }
});
