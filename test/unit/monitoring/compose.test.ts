import { expect, test } from 'vitest';
import { createComposer } from '../../../src/monitoring/compose.js';
import type { DescribedService, RunningTask } from '../../../src/monitoring/described-service.js';
import { noAutomation } from '../../../src/monitoring/described-service.js';
import { loadShortcuts } from '../../../src/monitoring/shortcuts.js';

const service = (id: string, name: string, expression = 'up == 0'): DescribedService => ({
  ...{ id, name, replicas: 1, containerLabels: {}, automation: noAutomation },
  labels: { 'jidoka.scrape.port': '80', 'jidoka.alert.Down.if': expression },
});
const task = (id: string, serviceId: string): RunningTask => ({
  ...{ id, serviceId, nodeId: 'n', ports: [] },
  networks: [{ name: 'net', address: `10.0.0.${id}` }],
});
const composer = () =>
  createComposer(loadShortcuts(undefined), { network: undefined, nodeLabels: [] });

test('services are groups of their own, in the order of their names', () => {
  const services = [service('b', 'web_api'), service('a', 'web')];
  const { rules } = composer()({ services, tasks: [], nodes: [] });
  expect(rules).toBe(`groups:
  - name: "web"
    rules:
      - alert: "Down"
        expr: "up == 0"
        labels:
          "service": "web"
  - name: "web_api"
    rules:
      - alert: "Down"
        expr: "up == 0"
        labels:
          "service": "web_api"
`);
});

test('rules are made again only for services that have changed, and go with their service', () => {
  const compose = composer();
  const [one, other] = [service('a', 'web'), service('b', 'api')];
  const before = compose({ services: [one, other], tasks: [], nodes: [] });
  const after = compose({
    services: [{ ...one }, service('b', 'api', 'up == 1')],
    tasks: [],
    nodes: [],
  });
  const rulesOf = ({ services }: typeof before, name: string) =>
    services.find((found) => found.name === name)?.rules;
  expect(rulesOf(after, 'web')).toBe(rulesOf(before, 'web'));
  expect(rulesOf(after, 'api')?.[0]?.expr).toBe('up == 1');
  expect(compose({ services: [one], tasks: [], nodes: [] }).rules).not.toContain('api');
});

test('the list of targets does not get shorter', () => {
  const compose = composer();
  const services = [service('a', 'web')];
  const tasks = Array.from({ length: 100 }, (_, index) => task(String(index), 'a'));
  const length = (given: readonly RunningTask[]) =>
    JSON.parse(compose({ services, tasks: given, nodes: [] }).targets).length;
  expect(length(tasks)).toBe(128);
  expect(length([])).toBe(128);
  expect(JSON.parse(compose({ services: [], tasks: [], nodes: [] }).targets)).toHaveLength(128);
});
