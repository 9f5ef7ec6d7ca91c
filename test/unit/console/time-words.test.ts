import { expect, test } from 'vitest';
import { inWords } from '../../../src/console/time-words.js';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

test.each([
  [0, 'just now'],
  [-4 * second, 'just now'],
  [-59 * second, '59s ago'],
  [-59 * minute, '59m ago'],
  [-47 * hour, '47h ago'],
  [-72 * hour, '3d ago'],
  [1, 'in 1s'],
  [2 * minute + 5 * second, 'in 2m 5s'],
  [hour, 'in 1h'],
  [50 * hour, 'in 2d 2h'],
])('%i ms from now is %j', (awayMs, words) => {
  expect(inWords(1e12 + awayMs, 1e12)).toBe(words);
});
