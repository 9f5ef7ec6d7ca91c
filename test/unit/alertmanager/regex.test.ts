import { expect, test } from 'vitest';
import { compileAnchoredRegex, compileRegex, RegexError } from '../../../src/alertmanager/regex.js';
import { cpuMs } from '../../support/cpu-ms.js';

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

test('an expression that would backtrack takes no longer than another', async () => {
  const took = await cpuMs(() => {
    expect(compileAnchoredRegex('(a|a)*(a|aa)+b')('a'.repeat(5000))).toBe(false);
  });
  expect(took).toBeLessThan(2000);
});

test.each(['(', '[z-a]', '*', 'a{2000}', '(?=a)', '\\1', 'a\\'])(
  '%s is refused with the reason',
  (pattern) => {
    expect(() => compileAnchoredRegex(pattern)).toThrow(RegexError);
    expect(() => compileAnchoredRegex(pattern)).toThrow(/is not an RE2 regular expression: \w+/);
  },
);

test('a regular expression says the same of a text however often and after whatever it is asked', () => {
  const regex = compileAnchoredRegex('[0-9]*[02468]');
  const texts = Array.from({ length: 100 }, (_, index) => String(index)).concat('8'.repeat(100));
  for (let round = 0; round < 3; round += 1) {
    expect(texts.map(regex)).toEqual(texts.map((text) => Number(text.at(-1)) % 2 === 0));
  }
});

test.each([
  ['a long one', 'a|'.repeat(30_000)],
  ['one with large repetitions', 'a{1000}'.repeat(60)],
  ['one that repeats a large group', `(${'abc|'.repeat(500)}d){1,100}`],
  ['one that repeats and has no end', 'a{1000,}'.repeat(60)],
])('%s is refused before it takes long to compile', (_, pattern) => {
  const begin = process.cpuUsage();
  expect(() => compileAnchoredRegex(pattern)).toThrow('is too large');
  expect(process.cpuUsage(begin).user / 1_000).toBeLessThan(200);
});

test.each([
  ['addresses', '([0-9]{1,3}\\.){3}[0-9]{1,3}(:[0-9]{1,5})?'],
  ['eight hundred services', Array.from({ length: 800 }, (_, i) => `shop_service_${i}`).join('|')],
])('%s: what people write is compiled', (_, pattern) => {
  expect(compileAnchoredRegex(pattern)('no')).toBe(false);
});
