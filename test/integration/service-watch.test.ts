import { afterEach, expect, test, vi } from 'vitest';
import { createServiceWatch } from '../../src/engine/service-watch.js';
import type { SeenService } from '../../src/target/swarm-view.js';
import { type Bench, scaleUp, startBench } from '../support/engine.js';

let bench: Bench;
afterEach(() => bench.stop());

const fault = 'label com.df.scaleMax is "many"; expected a whole number of at least 0';
const healthy: SeenService = { id: 'a', name: 'web', updateState: undefined, faults: [] };
const faulty: SeenService = { ...healthy, faults: [fault] };

const told = async () =>
  (await bench.escalations()).map(({ value }) => [value.reason, value.title, value.detail]);

test('labels that cannot be read are told once a service, before any alert, by however many workers', async () => {
  bench = await startBench({ playbooks: [scaleUp] });
  const workers = [createServiceWatch(bench.parts()), createServiceWatch(bench.parts())];
  for (const seen of [...workers, ...workers]) seen([faulty]);
  await vi.waitFor(async () => {
    expect(await told()).toEqual([
      [
        'labels_unreadable',
        'The labels of service web cannot be read',
        `${fault}. Nothing is done with the service until that is mended.`,
      ],
    ]);
  });
});

test('what is paused and what cannot be read is counted for as long as it is so', async () => {
  bench = await startBench({ playbooks: [scaleUp] });
  const parts = bench.parts();
  const seen = createServiceWatch(parts);
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
});
