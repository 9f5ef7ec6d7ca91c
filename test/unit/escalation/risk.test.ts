import { expect, test } from 'vitest';
import { riskOf } from '../../../src/escalation/risk.js';

const web = { name: 'web', unit: 'replicas' };

test.each([
  [2, [3]],
  [1, [2]],
  [0, [1]],
  [10, [20]],
  [2, [3, 4, 5]],
  [3, []],
])('from %j to %j needs one click', (from, to) => {
  expect(riskOf([{ ...web, from, to }])).toBeUndefined();
});

test.each([
  [3, [2], 'This takes web from 3 to 2 replicas. What is taken away stops.'],
  [2, [5], 'This takes web from 2 to 5 replicas. It more than doubles at once.'],
  [0, [2], 'This takes web from 0 to 2 replicas. It more than doubles at once.'],
])('from %j to %j is confirmed', (from, to, text) => {
  expect(riskOf([{ ...web, from, to }])).toBe(text);
});

test('what is no size is confirmed', () => {
  const node = { name: 'node1', unit: '', from: 'active', to: ['drain'] };
  expect(riskOf([node])).toContain('What runs there is disturbed.');
});

test('a call is confirmed, with what is sent along', () => {
  const does = 'call POST https://ci.example/job with {"service":"web"}';
  const call = { name: 'POST https://ci.example/job', unit: 'calls', does };
  expect(riskOf([{ ...call, from: 'not called', to: ['called'] }])).toBe(
    `This would ${does}. A call cannot be taken back.`,
  );
});

test('one risky step makes all of them risky, and all of them are named', () => {
  const up = { ...web, from: 2, to: [3] };
  const down = { ...web, name: 'api', from: 4, to: [3, 2] };
  expect(riskOf([up, down])).toBe(
    'This takes web from 2 to 3 replicas; if that does not help, api from 4 to 3 replicas, and one more time while the alert fires, down to 2. What is taken away stops.',
  );
});
