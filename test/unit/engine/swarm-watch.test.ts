import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSwarmWatch } from '../../../src/engine/swarm-watch.js';
import { createLogger } from '../../../src/logger.js';
import { createMetrics } from '../../../src/metrics.js';
import { createSwarmSim, type SwarmSim } from '../../../src/sim/swarm.js';
import { createSwarm } from '../../../src/target/swarm.js';
import { createSwarmNodes } from '../../../src/target/swarm-nodes.js';

let sim: SwarmSim;
beforeEach(async () => {
  sim = createSwarmSim({
    nodes: [
      { hostname: 'm1', role: 'manager', room: 3 },
      { hostname: 'w1', role: 'worker', room: 3 },
    ],
  });
  await sim.start();
});
afterEach(() => sim.stop());

function watch() {
  const options = { dockerHost: sim.dockerHost(), timeoutMs: 5_000 };
  const metrics = createMetrics();
  const look = createSwarmWatch({
    swarm: createSwarm(options),
    nodes: createSwarmNodes(options),
    metrics,
    log: createLogger('silent'),
  });
  const figures = async () =>
    (await metrics.registry.metrics())
      .split('\n')
      .filter((line) => /^jidoka_(node_down|service_unschedulable)/.test(line));
  return { look, figures };
}

test('a service whose tasks find no room is counted for as long as they find none', async () => {
  sim.addService({ name: 'web', replicas: 6 });
  sim.addService({ name: 'db', replicas: 1 });
  const { look, figures } = watch();
  await look();
  expect(await figures()).toEqual(['jidoka_service_unschedulable{service="db",lacks="room"} 1']);
  sim.changeService('web', { replicas: 4 });
  await look();
  expect(await figures()).toEqual([]);
});

test('only services that are short of tasks cost a question of their own', async () => {
  for (const name of ['a', 'b', 'c']) sim.addService({ name, replicas: 1 });
  const { look } = watch();
  await look();
  expect(sim.requests.filter((request) => request.includes('/tasks'))).toEqual([]);
});

test('of many services that are short, twenty are asked why in one look', async () => {
  // six find room
  for (let count = 0; count < 30; count += 1) sim.addService({ name: `s${count}`, replicas: 1 });
  const { look, figures } = watch();
  await look();
  expect(sim.requests.filter((request) => request.includes('/tasks'))).toHaveLength(20);
  expect(await figures()).toHaveLength(20);
});

test('a service that no node fits is not taken for one without room', async () => {
  const metrics = createMetrics();
  const problems = ['no suitable node (scheduling constraints not satisfied on 2 nodes)'];
  const look = createSwarmWatch({
    swarm: {
      servicesShort: async () => [{ id: 'a', name: 'web' }],
      tasks: async () => ({ running: 0, forceUpdates: [], notRunning: { pending: 1 }, problems }),
    },
    nodes: { nodes: async () => [] },
    metrics,
    log: createLogger('silent'),
  });
  await look();
  expect(await metrics.registry.metrics()).toContain('{service="web",lacks="fit"} 1');
});

test('a node that is down is counted under its id until it is back', async () => {
  const { look, figures } = watch();
  sim.changeNode('w1', { state: 'down' });
  const id = sim.nodes().find(({ hostname }) => hostname === 'w1')?.id;
  await look();
  expect(await figures()).toEqual([`jidoka_node_down{node="${id}",name="w1"} 1`]);
  sim.changeNode('w1', { state: 'ready' });
  await look();
  expect(await figures()).toEqual([]);
});

test('what was seen stays while the Swarm cannot be looked at', async () => {
  const { look, figures } = watch();
  sim.changeNode('w1', { state: 'down' });
  await look();
  const before = await figures();
  sim.changeNode('w1', { state: 'ready' });
  sim.become('leaderless');
  await look();
  expect(await figures()).toEqual(before);
});
