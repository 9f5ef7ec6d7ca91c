import { expect, test } from 'vitest';
import { createComposer } from '../../../src/monitoring/compose.js';
import { noAutomation } from '../../../src/monitoring/described-service.js';
import { loadShortcuts } from '../../../src/monitoring/shortcuts.js';

test('a rule whose expression Prometheus refuses is left out alone, and named to its service', () => {
  const refusals = new Map<string, string>();
  const settings = { network: undefined, nodeLabels: [] };
  const compose = createComposer(loadShortcuts(undefined), settings, (one) => refusals.get(one));
  const labels = { 'jidoka.alert.Bad.if': 'rate(x[5m], 1)', 'jidoka.alert.Good.if': 'x > 1' };
  const service = {
    ...{ id: 'a', name: 'web', replicas: 1, labels, containerLabels: {} },
    automation: noAutomation,
  };
  const world = { services: [service], tasks: [], nodes: [] };
  expect(compose(world).rules).toContain('Bad');

  refusals.set('rate(x[5m], 1)', 'expected 1 argument(s)');
  const { rules, services, expressions } = compose(world);
  expect(rules).not.toContain('Bad');
  expect(rules).toContain('Good');
  expect(services[0]?.faults).toEqual([
    { about: 'Bad', detail: 'Prometheus refuses the rule Bad: expected 1 argument(s)' },
  ]);
  expect(expressions).toEqual(['rate(x[5m], 1)', 'x > 1']);

  refusals.clear();
  expect(compose(world).rules).toContain('Bad');
});
