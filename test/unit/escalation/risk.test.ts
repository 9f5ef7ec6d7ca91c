import { expect, test } from 'vitest';
import { riskOf } from '../../../src/escalation/risk.js';

/** A step that brings a service to these sizes, one after another. */
function sizing(name: string, ...sizes: readonly number[]) {
  const operations = sizes.slice(1).map((to, index) => ({
    kind: 'resize',
    from: sizes[index] ?? Number.NaN,
    to,
    unit: 'replicas',
  }));
  return { name, operations };
}

test.each([[[2, 3]], [[1, 2]], [[0, 1]], [[10, 20]], [[2, 3, 4, 5]], [[3]]])(
  'sizes of %j need one click',
  (sizes) => {
    expect(riskOf([sizing('web', ...sizes)])).toBeUndefined();
  },
);

test.each([
  [3, 2, 'This would scale web from 3 to 2 replicas. What is removed stops.'],
  [2, 5, 'This would scale web from 2 to 5 replicas. This more than doubles it at once.'],
  [0, 2, 'This would scale web from 0 to 2 replicas. This more than doubles it at once.'],
])('from %j to %j is confirmed', (from, to, text) => {
  expect(riskOf([sizing('web', from, to)])).toBe(text);
});

test('what disturbs something is confirmed', () => {
  const operations = [{ kind: 'drain', from: 'active', to: 'drain' }];
  expect(riskOf([{ name: 'node1', operations }])).toBe(
    'This would drain node1. Running tasks are interrupted.',
  );
});

test('a call is confirmed, with what is sent along', () => {
  const body = '{"service":"web"}';
  const operations = [{ kind: 'call', from: 'not_called', to: 'called', body }];
  expect(riskOf([{ name: 'POST https://ci.example/job', operations }])).toBe(
    `This would call POST https://ci.example/job with ${body}. A call cannot be undone.`,
  );
});

test('one risky step makes all of them risky, and all of them are named', () => {
  expect(riskOf([sizing('web', 2, 3), sizing('api', 4, 3, 2)])).toBe(
    'This would scale web from 2 to 3 replicas; if the alert still fires, scale api from 4 to 3 replicas, and one more time while the alert fires, down to 2. What is removed stops.',
  );
});
