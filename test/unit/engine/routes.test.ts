import { expect, test } from 'vitest';
import type { Labels } from '../../../src/alertmanager/alert.js';
import { type Bench, scaleUp, startBench } from '../../support/memory-engine.js';

let bench: Bench;

const labels = { alertname: 'Slow', service: 'web' };
const routed = scaleUp.replace(
  'mode: auto',
  `when: '"team" in route && route.team == "shop"'\nmode: auto`,
);

async function start(playbook = routed): Promise<void> {
  bench = startBench({ playbooks: [playbook] });
  bench.targets.add('web', 2);
}

async function take(routeLabels?: Labels): Promise<void> {
  const { notification, ...received } = bench.notification([{ labels }]);
  const more = routeLabels === undefined ? {} : { routeLabels };
  await bench.engine.take({ ...received, notification: { ...notification, ...more } });
  await bench.settle();
}

test('expressions read the labels of the route by which an alert was delivered', async () => {
  await start();
  await take({ team: 'shop' });
  expect(bench.targets.effects).toEqual(['web: 2 → 3']);
  expect(await bench.episode(labels)).toMatchObject({ routeLabels: { team: 'shop' } });
});

test('an alert without them is held against the condition, and a person is told what is missing', async () => {
  await start(routed.replace('"team" in route && ', ''));
  await take();
  expect(bench.targets.effects).toEqual([]);
  expect(await bench.episode(labels)).toMatchObject({
    verdicts: [{ reason: 'expression_failed' }],
    misses: [{ actual: 'route label "team" is missing' }],
  });
});

test('they are no part of what an alert is, and those of the latest delivery count', async () => {
  await start();
  await take({ team: 'db' });
  await take({ team: 'shop' });
  await take();
  expect(await bench.episode(labels)).toMatchObject({
    deliveries: 3,
    routeLabels: { team: 'shop' },
  });
  await take({});
  expect(await bench.episode(labels)).toMatchObject({ routeLabels: {} });
});

test('a playbook names its target by a label of the route', async () => {
  await start(scaleUp.replace('labels.service', 'route.service'));
  await take({ service: 'web' });
  expect(bench.targets.effects).toEqual(['web: 2 → 3']);
});
