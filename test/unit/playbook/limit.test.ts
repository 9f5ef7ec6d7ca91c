import { expect, test } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { parseLimit } from '../../../src/playbook/limit.js';

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
