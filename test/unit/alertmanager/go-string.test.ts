import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quoteGoString, unquoteGoString } from '../../../src/alertmanager/go-string.js';

test.each([
  ['""', ''],
  [`"plain {text}, 'quotes' and 🙂"`, "plain {text}, 'quotes' and 🙂"],
  [String.raw`"\a\b\f\n\r\t\v\\\""`, '\u0007\b\f\n\r\t\v\\"'],
  [String.raw`"\x41\101\u00e9\U0001f642"`, 'AAé🙂'],
  [String.raw`"\xf0\x9f\x99\x82"`, '🙂'],
  [String.raw`"\303\251"`, 'é'],
  [String.raw`"a\\d+"`, String.raw`a\d+`],
])('%s is read as Go reads it', (literal, value) => {
  expect(unquoteGoString(literal)).toBe(value);
});

test.each([
  '',
  '"',
  'a',
  '"a',
  "'a'",
  '`a`',
  '"a\nb"',
  '"a"b"',
  String.raw`"\"`,
  String.raw`"\d"`,
  String.raw`"\'"`,
  String.raw`"\x4"`,
  String.raw`"\x4g"`,
  String.raw`"\400"`,
  String.raw`"\08"`,
  String.raw`"\u123"`,
  String.raw`"\ud800"`,
  String.raw`"\U00110000"`,
  String.raw`"\xf0\x9f"`,
  String.raw`"\xff"`,
])('%j is no string of Go', (literal) => {
  expect(unquoteGoString(literal)).toBeUndefined();
});

test('what was quoted is read back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(unquoteGoString(quoteGoString(text))).toBe(text);
    }),
  );
});
