import { expect, test } from 'vitest';
import { formatProblem, nearestWord } from '../../../src/playbook/problem.js';

test('a problem is written as compilers write it', () => {
  const problem = { file: 'shop/web.yaml', line: 3, column: 7, message: 'mode: expected auto' };
  expect(formatProblem(problem)).toBe('shop/web.yaml:3:7: mode: expected auto');
});

test.each([
  ['cooldwn', 'cooldown'],
  ['Cooldown', 'cooldown'],
  ['limit', 'limits'],
  ['stepss', 'steps'],
  ['setps', 'steps'],
])('%s is taken for %s', (word, meant) => {
  expect(nearestWord(word, ['cooldown', 'limits', 'steps'])).toBe(meant);
});

test('a word that is like none of the list is taken for nothing', () => {
  expect(nearestWord('notify', ['cooldown', 'limits', 'steps'])).toBeUndefined();
});
