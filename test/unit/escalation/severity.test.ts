import { expect, test } from 'vitest';
import { severityOf } from '../../../src/escalation/severity.js';
import { defaultPolicy } from '../../../src/playbook/policy.js';

test.each([
  [{ severity: 'critical' }, 0],
  [{ severity: 'Warning' }, 2],
  [{ severity: 'page' }, 4],
  [{}, 5],
])('%j has the rank %i in the default order', (labels, rank) => {
  expect(severityOf(labels, defaultPolicy.severity).rank).toBe(rank);
});

test('label and order are those of the policy', () => {
  const policy = { label: 'priority', order: ['p1', 'p2'] };
  expect(severityOf({ priority: 'p2', severity: 'critical' }, policy)).toEqual({
    name: 'p2',
    rank: 1,
  });
});
