import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { isCommand } from '../../../src/alertmanager/source.js';
import { createOfflineRegistry } from '../../../src/integrations/offline-registry.js';
import { evaluateStep } from '../../../src/playbook/evaluate-step.js';
import { createLibrary } from '../../../src/playbook/library.js';
import { loadPlaybooks } from '../../../src/playbook/load.js';
import { defaultPolicy } from '../../../src/playbook/policy.js';
import { selectPlaybooks } from '../../../src/playbook/select.js';

const actions = createOfflineRegistry();
const loaded = await loadPlaybooks('playbooks', { actions });
const library = createLibrary(loaded.playbooks);

function stepsFor(labels: Record<string, string>): unknown[] {
  const { command = '' } = labels;
  const source = isCommand(command) ? command : 'alertmanager';
  const input = { labels, annotations: {}, worker_asg: 'workers', source } as const;
  return selectPlaybooks(library, input).selected.flatMap((playbook): unknown[] =>
    playbook.ignore
      ? ['ignored']
      : playbook.steps.map((step) => [step.action.name, evaluateStep(step, input)]),
  );
}

test('the shipped playbooks have no faults, and act by themselves but for those that had better not', () => {
  expect(loaded.problems).toEqual([]);
  expect(loaded.playbooks).not.toEqual([]);
  const asking = loaded.playbooks.filter(({ ignore, mode }) => !ignore && mode !== 'auto');
  expect(asking.map(({ name, mode }) => `${name}: ${mode}`)).toEqual([
    'drain-node-down: approve',
    'restart-hanging-service: approve',
    'roll-back-bad-deploy: approve',
    'roll-back-paused: approve',
  ]);
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
  [
    { command: 'jenkins', alertname: 'service-scale', service: 'go-demo_main', scale: '+2' },
    'swarm.scale',
    { service: 'go-demo_main', by: 2 },
  ],
  [
    { command: 'jenkins', alertname: 'service-scale', service: 'go-demo_main', scale: '-1' },
    'swarm.scale',
    { service: 'go-demo_main', by: -1 },
  ],
  [{ command: 'jenkins', alertname: 'aws-scale' }, 'asg.resize', { group: 'workers', by: 1 }],
  [
    { command: 'jenkins', alertname: 'aws-scale', scale: '-2' },
    'asg.resize',
    { group: 'workers', by: -2 },
  ],
  [
    {
      command: 'docker-scaler',
      alertname: 'scale-service',
      service: 'web',
      scale: 'down',
      by: '3',
    },
    'swarm.scale',
    { service: 'web', by: -3 },
  ],
  [
    { command: 'docker-scaler', alertname: 'scale-service', service: 'web', scale: 'down' },
    'swarm.scale',
    { service: 'web', direction: 'down' },
  ],
  [
    { command: 'docker-scaler', alertname: 'scale-nodes', type: 'worker', scale: 'up' },
    'asg.resize',
    { group: 'workers', direction: 'up', step_size: 0, service: '' },
  ],
  [
    {
      command: 'docker-scaler',
      alertname: 'scale-nodes',
      type: 'worker',
      scale: 'down',
      by: '2',
      service: 'exporter',
    },
    'asg.resize',
    { group: 'workers', direction: 'down', step_size: 2, service: 'exporter' },
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
  { command: 'docker-scaler', alertname: 'scale-nodes', type: 'manager', scale: 'up' },
  { command: 'jenkins', alertname: 'service-scale', service: 'web', scale: '0' },
  { command: 'jenkins', alertname: 'another-job', service: 'web', scale: '1' },
])('an alert with %j is for a person', (labels) => {
  expect(stepsFor(labels as Record<string, string>)).toEqual([]);
});

test("Prometheus' alert that always fires needs nobody", () => {
  expect(stepsFor({ alertname: 'Watchdog', severity: 'none' })).toEqual(['ignored']);
});
