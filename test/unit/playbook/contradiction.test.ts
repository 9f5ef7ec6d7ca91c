import { expect, test } from 'vitest';
import { parseMatchers } from '../../../src/alertmanager/matcher.js';
import { contradictions } from '../../../src/playbook/contradiction.js';

test('matchers that can hold together are none', () => {
  expect(contradictions(parseMatchers('a = "x", b = "y", a != "z", b =~ ".+"'))).toEqual([]);
});

test('the fewest that contradict each other are named, at the last of them', () => {
  const match = ['b != ""', 'a != "x", c = "y"', 'a =~ "x|y"', 'a != "y", b != "z"'];
  expect(contradictions(match.map(parseMatchers))).toEqual([
    { path: [3], message: 'a!="x", a=~"x|y" and a!="y" never match together' },
  ]);
  expect(contradictions([...match, 'a !~ "x|y"'].map(parseMatchers))).toEqual([
    { path: [4], message: 'a=~"x|y" and a!~"x|y" never match together' },
  ]);
});

test('each label has its own, and one matcher can do it alone', () => {
  const match = parseMatchers('a = "x", b != "y", b =~ "x^", a = ""');
  expect(contradictions(match)).toEqual([
    { path: [], message: 'a="x" and a="" never match together' },
    { path: [], message: 'b=~"x^" never matches: no value satisfies it' },
  ]);
});
