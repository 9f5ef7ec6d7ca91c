import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { evaluateStep } from '../../../src/playbook/expression.js';
import { createLibrary } from '../../../src/playbook/library.js';
import { loadPlaybooks } from '../../../src/playbook/load.js';
import { defaultPolicy } from '../../../src/playbook/policy.js';
import { selectPlaybooks } from '../../../src/playbook/select.js';
import { testAction } from './test-action.js';

const direction = z.enum(['up', 'down']);
const actions = new Map(
  [
    testAction('swarm.scale', z.strictObject({ service: z.string().min(1), direction })),
    testAction('asg.resize', z.strictObject({ group: z.string().min(1), direction })),
  ].map((action) => [action.name, action]),
);
const loaded = await loadPlaybooks('playbooks', { actions });
const library = createLibrary(loaded.playbooks);

function stepsFor(labels: Record<string, string>): unknown[] {
  const input = { labels, annotations: {}, worker_asg: 'workers' };
  return selectPlaybooks(library, input).selected.flatMap((playbook): unknown[] =>
    playbook.ignore
      ? ['ignored']
      : playbook.steps.map((step) => [step.action.name, evaluateStep(step, input)]),
  );
}

test('the shipped playbooks have no faults and act by themselves', () => {
  expect(loaded.problems).toEqual([]);
  expect(loaded.playbooks).toHaveLength(5);
  expect(loaded.playbooks.filter(({ ignore, mode }) => !ignore && mode !== 'auto')).toEqual([]);
});

test('the shipped policy says what holds without one', async () => {
  expect(loaded.policy).toEqual(defaultPolicy);
  const text = await readFile('playbooks/policy.yaml', 'utf8');
  for (const key of ['ignored_labels', 'alertmanager', 'bounds', 'limits', 'escalate']) {
    expect(text).toMatch(new RegExp(`^${key}:`, 'm'));
  }
});

test.each([
  [{ service: 'shop_web', scale: 'up' }, 'swarm.scale', { service: 'shop_web', direction: 'up' }],
  [
    { service: 'shop_web', scale: 'down', type: 'service' },
    'swarm.scale',
    { service: 'shop_web', direction: 'down' },
  ],
  [
    { service: 'exporter', scale: 'up', type: 'node' },
    'asg.resize',
    { group: 'workers', direction: 'up' },
  ],
  [{ scale: 'down', type: 'node' }, 'asg.resize', { group: 'workers', direction: 'down' }],
  [
    { scale: 'up', type: 'node', asg: 'managers' },
    'asg.resize',
    { group: 'managers', direction: 'up' },
  ],
])('an alert with %j is for %s', (labels, action, params) => {
  expect(stepsFor(labels as Record<string, string>)).toEqual([[action, params]]);
});

test.each([
  { service: 'shop_web' },
  { scale: 'up' },
  { service: 'shop_web', scale: 'no' },
  { service: 'shop_web', type: 'errors' },
  { type: 'node' },
])('an alert with %j is for a person', (labels) => {
  expect(stepsFor(labels as Record<string, string>)).toEqual([]);
});

test("Prometheus' alert that always fires needs nobody", () => {
  expect(stepsFor({ alertname: 'Watchdog', severity: 'none' })).toEqual(['ignored']);
});
