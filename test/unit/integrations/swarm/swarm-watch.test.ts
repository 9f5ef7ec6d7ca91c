import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTargetStatus } from '../../../../src/engine/health/target-status.js';
import { TargetError } from '../../../../src/integrations/contract/target-error.js';
import { createSwarm } from '../../../../src/integrations/swarm/client.js';
import { hasNoSocket } from '../../../../src/integrations/swarm/error.js';
import { createSwarmNodes } from '../../../../src/integrations/swarm/nodes.js';
import { createSwarmWatch } from '../../../../src/integrations/swarm/swarm-watch.js';
import { createLogger } from '../../../../src/lib/logger.js';
import { createMetrics } from '../../../../src/lib/metrics.js';
import { createSwarmSim, type SwarmSim } from '../../../../src/sim/swarm.js';
import { createManualClock } from '../../sim/manual-clock.js';

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
  const logged: Record<string, unknown>[] = [];
  const log = createLogger('info', { write: (line) => void logged.push(JSON.parse(line)) });
  const clock = createManualClock(Date.parse('2026-01-01T10:00:00Z'));
  const status = createTargetStatus({
    ...{ target: 'swarm', system: 'Docker Swarm', metrics, clock, log },
  });
  const swarm = createSwarm(options);
  const nodes = createSwarmNodes(options);
  const lookAtSwarm = createSwarmWatch({ swarm, nodes, metrics, log });
  const look = () => status.look(lookAtSwarm);
  const figures = async (names = /^jidoka_(node_down|service_unschedulable)/) =>
    (await metrics.registry.metrics()).split('\n').filter((line) => names.test(line));
  return { look, figures, logged, clock, status };
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
      tasks: async () => ({
        ...{ running: 0, forceUpdates: [], images: [], notRunning: { pending: 1 } },
        problems,
      }),
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

test('a Swarm that is away is told once, and has no figures until it is back, which is told too', async () => {
  const { look, figures, logged, clock, status } = watch();
  const up = () => figures(/^jidoka_target_up/);
  expect([await up(), status.check()]).toEqual([[], undefined]);
  sim.changeNode('w1', { state: 'down' });
  sim.addService({ name: 'web', replicas: 1 });
  sim.changeService('web', { replicas: 9 });
  await look();
  expect(await figures()).toHaveLength(2);
  expect(await up()).toEqual(['jidoka_target_up{target="swarm"} 1']);
  expect([status.check(), logged]).toEqual([{ ok: true, detail: 'answers' }, []]);

  sim.become('leaderless');
  await look();
  clock.advance(60_000);
  await sim.stop();
  await look();
  expect(await figures()).toEqual([]);
  expect(await up()).toEqual(['jidoka_target_up{target="swarm"} 0']);
  expect(status.check()).toEqual({
    ok: false,
    detail: expect.stringMatching(
      /^no answer since 2026-01-01T10:00:00.000Z: .*connection refused/,
    ),
  });
  expect(logged).toEqual([
    expect.objectContaining({
      level: 'warn',
      msg: expect.stringMatching(/^Docker Swarm did not answer: /),
      fault: expect.stringContaining('does not have a leader'),
    }),
  ]);

  await sim.start();
  sim.become('manager');
  await look();
  expect(logged.slice(1)).toEqual([
    expect.objectContaining({ level: 'warn', msg: 'Docker Swarm is back', awayMs: 60_000 }),
  ]);
  expect(await up()).toEqual(['jidoka_target_up{target="swarm"} 1']);
  expect(await figures()).toHaveLength(2);
});

test('a Swarm that shows services and no nodes is there, and has no figures of nodes', async () => {
  const { look, figures, logged, status } = watch();
  sim.changeNode('w1', { state: 'down' });
  await look();
  expect(await figures()).toHaveLength(1);
  sim.failNext({ path: /^\/nodes/, status: 403, message: 'forbidden', times: 2 });
  await look();
  await look();
  expect(await figures()).toEqual([]);
  expect(status.check()?.ok).toBe(true);
  expect(logged.map(({ msg }) => msg)).toEqual(['nodes of the Swarm not readable']);
});

test('a service that is removed between two questions is no Swarm that is away', async () => {
  const metrics = createMetrics();
  const log = createLogger('silent');
  const status = createTargetStatus({
    ...{ target: 'swarm', system: 'Docker Swarm', metrics, clock: createManualClock(0), log },
  });
  const look = createSwarmWatch({
    swarm: {
      servicesShort: async () => [{ id: 'a', name: 'web' }],
      tasks: () => Promise.reject(new TargetError('not_found', 'service a not found')),
    },
    nodes: { nodes: async () => [] },
    ...{ metrics, log },
  });
  await status.look(look);
  expect(status.check()?.ok).toBe(true);
});

test('a Swarm that nobody has configured is neither there nor away', async () => {
  const metrics = createMetrics();
  const logged: string[] = [];
  const log = createLogger('info', { write: (line) => void logged.push(line) });
  const swarm = createSwarm({ dockerHost: 'unix:///nowhere/docker.sock', timeoutMs: 5_000 });
  const status = createTargetStatus({
    ...{ target: 'swarm', system: 'Docker Swarm', metrics, clock: createManualClock(0), log },
    isAbsent: hasNoSocket,
  });
  expect(await status.look(() => swarm.servicesShort())).toBe(false);
  expect([status.check(), logged]).toEqual([undefined, []]);
  expect(await metrics.registry.metrics()).not.toMatch(/^jidoka_target_up/m);
  // one that has answered, and whose socket is gone, is away
  await status.look(async () => 'an answer');
  expect(logged.splice(0)).toEqual([expect.stringContaining('answered for the first time')]);
  await status.look(() => swarm.servicesShort());
  expect([status.check()?.ok, logged.length]).toEqual([false, 1]);
});
