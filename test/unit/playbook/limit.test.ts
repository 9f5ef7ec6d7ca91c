import { expect, test } from 'vitest';
import { InputError } from '../../../src/lib/errors.js';
import { parseLimit, parseShare } from '../../../src/playbook/limit.js';

test('a limit is a number of runs in a span of time', () => {
  expect(parseLimit('3 per 1h')).toEqual({ count: 3, windowMs: 3_600_000, text: '3 per 1h' });
});

test.each([
  '',
  '3',
  'per 1h',
  '0 per 1h',
  '-1 per 1h',
  '1.5 per 1h',
  '3 per',
  '3 per hour',
  '3/1h',
])('%j is no limit', (text) => {
  expect(() => parseLimit(text)).toThrow(InputError);
});

test('a limit over no time at all is refused', () => {
  expect(() => parseLimit('3 per 0s')).toThrow(/longer than 0/);
});

test.each([
  ['25%', 0.25],
  [' 12.5 % ', 0.125],
  ['100%', 1],
])('%j is a share', (text, share) => {
  expect(parseShare(text)).toBe(share);
});

test.each(['25', '0%', '101%', '-5%', 'half', '%', '1e2%'])('%j is no share', (text) => {
  expect(() => parseShare(text)).toThrow(InputError);
});
