import { afterEach, describe, expect, it, vi } from 'vitest';
import { TargetError } from '../../../../src/integrations/contract/target-error.js';
import type { SwarmNode } from '../../../../src/integrations/swarm/node-answer.js';
import type { TasksSeen } from '../../../../src/integrations/swarm/running-tasks.js';
import { readRunningTasks } from '../../../../src/integrations/swarm/running-tasks.js';
import { createTaskWatch } from '../../../../src/integrations/swarm/task-watch.js';
import type { SeenService } from '../../../../src/integrations/swarm/view.js';
import { createLogger } from '../../../../src/lib/logger.js';
import type { DescribedWorld } from '../../../../src/monitoring/described-service.js';
import { noAutomation } from '../../../../src/monitoring/described-service.js';

const service = (id: string, labels: Record<string, string> = { 'jidoka.scrape.port': '80' }) =>
  ({
    ...{ id, name: `name-${id}`, version: 1, updateState: undefined, faults: [], ports: [] },
    spec: {
      ...{ image: 'shop', previousImage: undefined, replicas: 1 },
      ...{ template: 'x', forceUpdate: 0, whole: 'x', changedAtMs: 1 },
    },
    described: {
      ...{ id, name: `name-${id}`, replicas: 1, labels, containerLabels: {} },
      automation: noAutomation,
    },
  }) satisfies SeenService;
const task = (id: string, serviceId: string) => ({
  ...{ id, serviceId, nodeId: 'n', ports: [] },
  networks: [{ name: 'net', address: '10.0.0.1' }],
});

let watch: ReturnType<typeof createTaskWatch>;
afterEach(async () => {
  await watch.stop();
  vi.useRealTimers();
});

/** A watch on a clock of its own. */
function start() {
  vi.useFakeTimers();
  const world = {
    running: [] as TasksSeen['running'],
    starting: [] as string[],
    asked: [] as string[],
    isDown: false,
  };
  const told: (DescribedWorld | null)[] = [];
  watch = createTaskWatch({
    swarm: {
      async runningTasks(ids) {
        world.asked.push(ids === 'all' ? 'all' : ids.join());
        if (world.isDown) throw new TargetError('unavailable', 'it is down');
        const running = world.running.filter((one) => ids === 'all' || ids.includes(one.serviceId));
        return { running, starting: new Set(world.starting) };
      },
    },
    nodes: { nodes: async () => [{ id: 'n', name: 'node' } as SwarmNode] },
    clock: { now: () => Date.now() },
    log: createLogger('silent'),
    describe: (one) => told.push(one),
  });
  const last = () => told.at(-1)?.tasks.map(({ id }) => id);
  return { world, told, last };
}

describe('the watch of tasks', () => {
  it('tells nothing before all tasks have been read, and reads none where no service is scraped', async () => {
    const { world, told } = start();
    watch.seen([service('a', {})], 'all');
    await vi.advanceTimersByTimeAsync(120_000);
    expect(world.asked).toEqual([]);
    expect(told).toHaveLength(1);
    world.isDown = true;
    watch.seen([service('b')], new Set(['b']));
    await vi.advanceTimersByTimeAsync(2_000);
    expect(told.slice(1).every((one) => one === null)).toBe(true);
  });

  it('reads the tasks of a service that changed until they have settled, and all once a minute', async () => {
    const { world, last } = start();
    world.running = [task('t1', 'a'), task('u1', 'b')];
    watch.seen([service('a'), service('b')], 'all');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(last()).toEqual(['t1', 'u1']);
    await vi.advanceTimersByTimeAsync(50_000);
    expect(world.asked).toEqual(['all']);

    world.asked = [];
    world.starting = ['a'];
    watch.seen([service('a'), service('b')], new Set(['a']));
    await vi.advanceTimersByTimeAsync(3_000);
    world.running = [task('t1', 'a'), task('t2', 'a'), task('u1', 'b')];
    world.starting = [];
    await vi.advanceTimersByTimeAsync(1_000);
    expect(last()).toEqual(['u1', 't1', 't2']);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(world.asked.filter((one) => one === 'all').length).toBeLessThanOrEqual(3);
    expect(world.asked.filter((one) => one === 'a').length).toBeLessThanOrEqual(20);
  });

  it('reads every one of many services that changed together', async () => {
    const { world } = start();
    const many = Array.from({ length: 120 }, (_, index) => service(`s${index}`));
    watch.seen(many, 'all');
    await vi.advanceTimersByTimeAsync(1_000);
    world.asked = [];
    watch.seen(many, new Set(many.map(({ id }) => id)));
    await vi.advanceTimersByTimeAsync(4_000);
    const asked = new Set(world.asked.flatMap((ids) => ids.split(',')));
    expect(asked.size).toBe(120);
  });

  it('tells that nothing can be seen, and reads all again when it can', async () => {
    const { world, told, last } = start();
    world.running = [task('t1', 'a')];
    watch.seen([service('a')], 'all');
    await vi.advanceTimersByTimeAsync(1_000);
    watch.lost();
    expect(told.at(-1)).toBeNull();
    world.running = [task('t2', 'a')];
    watch.seen([service('a')], 'all');
    expect(told.at(-1)).toBeNull();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(last()).toEqual(['t2']);
  });

  it('shows no tasks that were read long ago', async () => {
    const { world, told } = start();
    watch.seen([service('a')], 'all');
    await vi.advanceTimersByTimeAsync(1_000);
    world.isDown = true;
    await vi.advanceTimersByTimeAsync(90_000);
    expect(told.at(-1)).not.toBeNull();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told.at(-1)).toBeNull();
  });
});

describe('the answer about tasks', () => {
  it('gives addresses and ports of those that run, and the services of those that do not yet', async () => {
    start();
    const network = (Name: string, Addresses: string[] | null, more = {}) => ({
      Network: { Spec: { Name, ...more } },
      Addresses,
    });
    const seen = readRunningTasks([
      {
        ...{ ID: 't', ServiceID: 's', NodeID: 'n' },
        Status: {
          State: 'running',
          PortStatus: { Ports: [{ TargetPort: 80, PublishedPort: 8080, PublishMode: 'host' }] },
        },
        NetworksAttachments: [
          network('ingress', ['10.0.0.4/24'], { Ingress: true }),
          network('front', ['10.0.1.5/24']),
          network('host', null),
        ],
      },
      { ID: 'u', ServiceID: 'r', Status: { State: 'starting' } },
    ]);
    expect(seen.running).toEqual([
      {
        ...{ id: 't', serviceId: 's', nodeId: 'n' },
        networks: [
          { name: 'front', address: '10.0.1.5' },
          { name: 'host', address: undefined },
        ],
        ports: [{ target: 80, published: 8080, mode: 'host' }],
      },
    ]);
    expect([...seen.starting]).toEqual(['r']);
    expect(() => readRunningTasks({})).toThrow('the tasks has no usable list');
  });
});
