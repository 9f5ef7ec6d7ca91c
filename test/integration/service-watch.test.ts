import { afterEach, expect, test } from 'vitest';
import type { EngineContext } from '../../src/engine/context/context.js';
import { reportUnreadable } from '../../src/engine/faults/unreadable-target.js';
import { createServiceWatch } from '../../src/integrations/swarm/service-watch.js';
import type { SeenService } from '../../src/integrations/swarm/view.js';
import { noAutomation } from '../../src/monitoring/described-service.js';
import { type Bench, scaleUp, startBench } from '../support/engine.js';
import { untilPasses } from '../support/eventually.js';

let bench: Bench;
afterEach(() => bench.stop());

const fault = 'label com.df.scaleMax is "many"; expected a whole number of at least 0';
const described = {
  id: 'a',
  name: 'web',
  replicas: 1,
  labels: {},
  containerLabels: {},
  automation: noAutomation,
};
const healthy: SeenService = {
  ...{ id: 'a', name: 'web', version: 1, updateState: undefined, faults: [] },
  ...{ described, ports: [] },
  spec: {
    image: 'shop',
    previousImage: undefined,
    replicas: 1,
    template: 'x',
    forceUpdate: 0,
    whole: 'x',
    changedAtMs: 1,
  },
};
const faulty: SeenService = { ...healthy, faults: [fault] };

const watch = (context: EngineContext) =>
  createServiceWatch({
    ...context,
    report: (unreadable) => reportUnreadable(context, unreadable),
  });

const told = async () =>
  (await bench.escalations()).map(({ value }) => [value.reason, value.title, value.detail]);

test('labels that cannot be read are told once a service, before any alert, by however many workers', async () => {
  bench = await startBench({ playbooks: [scaleUp] });
  const workers = [watch(bench.context()).seen, watch(bench.context()).seen];
  for (const seen of [...workers, ...workers]) seen([faulty]);
  await untilPasses(async () => {
    expect(await told()).toEqual([
      [
        'labels_unreadable',
        'Labels of service web not valid',
        `${fault}. Jidoka does not change the service until its labels are correct.`,
      ],
    ]);
  });
});

test('what is paused and what cannot be read is counted for as long as it is so', async () => {
  bench = await startBench({ playbooks: [scaleUp] });
  const parts = bench.context();
  const { seen, lost } = watch(parts);
  const figures = async () =>
    (await parts.metrics.registry.metrics())
      .split('\n')
      .filter((line) => line.startsWith('jidoka_service_'));
  expect(await figures()).toEqual([]);
  seen([faulty, { ...healthy, id: 'b', name: 'db', updateState: 'paused' }]);
  expect(await figures()).toEqual([
    'jidoka_service_rollout_paused{service="db"} 1',
    'jidoka_service_labels_unreadable{service="web"} 1',
  ]);
  seen([healthy, { ...healthy, id: 'b', name: 'db', updateState: 'completed' }]);
  expect(await figures()).toEqual([]);
  seen([faulty]);
  expect(await figures()).toHaveLength(1);
  lost();
  expect(await figures()).toEqual([]);
});
