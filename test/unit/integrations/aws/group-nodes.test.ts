import { afterEach, describe, expect, it } from 'vitest';
import { createAsgResize } from '../../../../src/integrations/aws/asg-resize.js';
import { createAutoScaling } from '../../../../src/integrations/aws/auto-scaling.js';
import { createEc2 } from '../../../../src/integrations/aws/ec2.js';
import type { Done } from '../../../../src/integrations/contract/action.js';
import { createSwarm } from '../../../../src/integrations/swarm/client.js';
import { createSwarmNodes } from '../../../../src/integrations/swarm/nodes.js';
import type { GroupSeed } from '../../../../src/sim/auto-scaling/group.js';
import { createAutoScalingSim } from '../../../../src/sim/auto-scaling.js';
import type { Machine, NodeSeed } from '../../../../src/sim/swarm/nodes.js';
import type { ServiceSeed } from '../../../../src/sim/swarm/service.js';
import { createSwarmSim } from '../../../../src/sim/swarm.js';
import { carryOut } from '../carry-out.js';

const timeoutMs = 5_000;
const slowMs = 20_000;
const running: { stop(): Promise<void> }[] = [];

afterEach(async () => {
  world = undefined;
  await Promise.all(running.splice(0).map((sim) => sim.stop()));
});

interface Given {
  readonly group?: Partial<GroupSeed>;
  readonly services?: readonly ServiceSeed[];
  /** What each machine is as a node, by the place of its instance; `null`: it never joins. */
  readonly machine?: (index: number) => Partial<Machine> | null;
  readonly nodes?: readonly NodeSeed[];
}

/** A group whose instances are workers of a simulated Swarm, and the action that resizes it, a step at a time. */
async function startWorld({ group, services = [], machine = () => ({}), nodes }: Given = {}) {
  let nowMs = Date.now();
  const clock = { now: () => nowMs };
  const autoScaling = createAutoScalingSim({ clock, launchMs: slowMs });
  autoScaling.addGroup({ name: 'workers', min: 1, max: 5, desired: 3, ...group });
  const machines = (): Machine[] =>
    autoScaling.instances('workers').flatMap(({ state, address }, index) => {
      const given = state === 'InService' ? machine(index) : null;
      return given === null ? [] : [{ hostname: `node-${address}`, address, ...given }];
    });
  const boss = { hostname: 'boss', role: 'manager' } as const;
  const swarm = createSwarmSim({ clock, convergeMs: slowMs, nodes: nodes ?? [boss], machines });
  for (const sim of [autoScaling, swarm]) {
    await sim.start();
    running.push(sim);
  }
  for (const service of services) swarm.addService(service);
  const credentials = { accessKeyId: 'id', secretAccessKey: 'secret' };
  const aws = { timeoutMs, region: 'eu-central-1', endpoint: autoScaling.url(), credentials };
  const engine = { dockerHost: swarm.dockerHost(), timeoutMs };
  const client = createSwarmNodes(engine);
  const action = createAsgResize({
    autoScaling: createAutoScaling(aws),
    ec2: createEc2(aws),
    nodes: client,
    swarm: createSwarm(engine),
    workerAsg: 'workers',
  });

  const passTime = () => {
    nowMs += slowMs;
  };

  function resize(by: number, between?: (done: readonly Done[]) => unknown) {
    return carryOut({ action, params: { group: 'workers', by }, passTime, between });
  }

  return { autoScaling, swarm, nodes: client, resize, passTime };
}

const labels = { 'com.df.reschedule': 'true' };

describe('a group of nodes that grows', () => {
  it('spreads the labelled services anew, one at a time, once the new node is there', async () => {
    const services = [
      { name: 'web', replicas: 2, labels },
      { name: 'api', replicas: 2, labels },
      { name: 'db' },
    ];
    const { resize, swarm } = await startWorld({ services });
    const { end, did } = await resize(1);
    expect(did).toEqual(['scale workers from 3 to 4 instances', 'restart api', 'restart web']);
    expect(end).toMatchObject({ kind: 'complete', detail: 'rebalanced: api, web' });
    expect(swarm.nodes()).toHaveLength(5);
  });

  it('waits for an instance that has not joined, by its name, and spreads nothing before', async () => {
    const services = [{ name: 'web', labels }];
    const machine = (index: number) => (index === 3 ? null : {});
    const { resize, autoScaling } = await startWorld({ services, machine });
    const { end, did } = await resize(1);
    expect(did).toEqual(['scale workers from 3 to 4 instances']);
    const newcomer = autoScaling.instances('workers')[3]?.id;
    expect(end).toEqual({ kind: 'wait', detail: `not ready in the Swarm yet: ${newcomer}` });
  });

  it('does not wait for a node that was down before, and says so', async () => {
    const services = [{ name: 'web', labels }];
    const { resize, swarm, autoScaling } = await startWorld({ services });
    const [first] = autoScaling.instances('workers');
    swarm.changeNode(`node-${first?.address}`, { state: 'down' });
    const { end, did } = await resize(1);
    expect(did).toEqual(['scale workers from 3 to 4 instances', 'restart web']);
    expect(end).toEqual({
      kind: 'complete',
      detail: `rebalanced: web; ${first?.id} (node node-${first?.address}, down): not waited for`,
    });
  });

  it('leaves a service whose rollout stands still, and says so', async () => {
    const services = [
      { name: 'api', labels, updateState: 'paused' },
      { name: 'web', labels },
    ] as const;
    const { resize } = await startWorld({ services });
    const { end, did } = await resize(1);
    expect(did).toEqual(['scale workers from 3 to 4 instances', 'restart web']);
    expect(end).toMatchObject({ kind: 'complete', detail: expect.stringContaining('paused') });
  });
});

describe('a group of nodes that shrinks', () => {
  const leave = (name: string, id: string) => [
    `drain ${name}`,
    `end instance ${id} of workers`,
    `remove node ${name} from the Swarm`,
  ];

  it('drains the node with the fewest tasks, ends its instance and no other, and removes the node', async () => {
    const services = [{ name: 'web', replicas: 6 }];
    const { resize, swarm, autoScaling } = await startWorld({ services });
    const [, second] = autoScaling.instances('workers');
    // two tasks are on each other node
    swarm.changeNode(`node-${second?.address}`, { availability: 'drain' });
    swarm.changeNode(`node-${second?.address}`, { availability: 'active' });
    const { end, did } = await resize(-1);
    expect(did).toEqual(leave(`node-${second?.address}`, second?.id ?? ''));
    expect(end).toMatchObject({ kind: 'complete' });
    expect(autoScaling.changes).toMatchObject([{ from: 3, to: 2, terminated: second?.id }]);
    expect(swarm.nodes().map(({ role }) => role)).toEqual(['manager', 'worker', 'worker']);
    expect(swarm.service('web').running).toBe(6);
  });

  it('takes one after the other where several are to go', async () => {
    const { resize, autoScaling } = await startWorld();
    const { did } = await resize(-2);
    expect(did).toHaveLength(6);
    expect(autoScaling.group('workers').desired).toBe(1);
  });

  it('takes the zone that has most, and what is down or drained already before the others', async () => {
    const { resize, swarm, autoScaling } = await startWorld({
      group: { desired: 5, zones: ['a', 'b'] },
    });
    const inA = autoScaling.instances('workers').filter(({ zone }) => zone === 'a');
    const inB = autoScaling.instances('workers').filter(({ zone }) => zone === 'b');
    expect([inA.length, inB.length]).toEqual([3, 2]);
    const chosen = inA[2];
    for (const { address } of [chosen, inB[0]].flatMap((one) => one ?? [])) {
      swarm.changeNode(`node-${address}`, { availability: 'drain' });
    }
    const { did } = await resize(-1);
    expect(did[1]).toBe(`end instance ${chosen?.id} of workers`);
  });

  it('has a service that starts before it stops leave by an update of its own', async () => {
    const services = [{ name: 'web', replicas: 8, update: { Order: 'start-first' } }];
    const { resize, autoScaling } = await startWorld({ services });
    const before = autoScaling.instances('workers');
    const { end, did } = await resize(-1);
    const gone = autoScaling.changes[0]?.terminated;
    const name = `node-${before.find(({ id }) => id === gone)?.address}`;
    expect(did.slice(0, 3)).toEqual([
      `put no more tasks on ${name}`,
      'restart web',
      `drain ${name}`,
    ]);
    expect(end).toMatchObject({ kind: 'complete' });
  });

  it('has the node take tasks again where there is no room for them elsewhere', async () => {
    const services = [{ name: 'web', replicas: 4 }];
    const nodes = [{ hostname: 'boss', role: 'manager', room: 1 }] as const;
    const machine = () => ({ room: 1 });
    const { resize, swarm, autoScaling } = await startWorld({ services, nodes, machine });
    const { end, did } = await resize(-1);
    expect(did).toEqual([
      expect.stringMatching(/^drain node/),
      expect.stringMatching(/^take tasks on node/),
    ]);
    expect(end).toMatchObject({
      kind: 'failed',
      detail: expect.stringMatching(/no suitable node.*takes tasks, and its instance stays/),
    });
    expect(autoScaling.changes).toEqual([]);
    expect(swarm.nodes().every(({ availability }) => availability === 'active')).toBe(true);
  });

  it('has the node take tasks again where its instance may not be ended', async () => {
    const { resize, swarm, autoScaling } = await startWorld();
    const { did, end } = await resize(-1, (done) => {
      if (done.length === 1) autoScaling.changeGroup('workers', { min: 3 });
    });
    expect(did).toEqual([
      expect.stringMatching(/^drain node/),
      expect.stringMatching(/^end instance/),
      expect.stringMatching(/^take tasks on node/),
    ]);
    expect(end).toMatchObject({ kind: 'failed', detail: expect.stringContaining('minSize') });
    expect(swarm.nodes().every(({ availability }) => availability === 'active')).toBe(true);
  });

  it('does not end an instance whose node somebody lets take tasks again meanwhile', async () => {
    const services = [{ name: 'web', replicas: 6 }];
    const { resize, swarm, autoScaling } = await startWorld({ services });
    const { did, end } = await resize(-1, () => {
      for (const { hostname } of swarm.nodes())
        swarm.changeNode(hostname, { availability: 'active' });
    });
    expect(did).toEqual([expect.stringMatching(/^drain node/)]);
    expect(end).toMatchObject({
      kind: 'failed',
      detail: expect.stringMatching(/node .* was set to active outside this run; .* takes tasks/),
    });
    expect(autoScaling.changes).toEqual([]);
  });

  it.each([
    ['up', 5],
    ['down', 2],
  ])(
    'gives the node back when somebody else resizes the group %s meanwhile',
    async (_, desired) => {
      const { resize, swarm, autoScaling } = await startWorld();
      const { did, end } = await resize(-1, (done) => {
        if (done.length === 1)
          autoScaling.changeGroup('workers', { desired, suspended: ['Terminate'] });
      });
      expect(did).toEqual([
        expect.stringMatching(/^drain node/),
        expect.stringMatching(/^take tasks on node/),
      ]);
      expect(end).toMatchObject({
        kind: 'failed',
        detail: expect.stringContaining(
          `group workers was set to ${desired} instances outside this run, from 3`,
        ),
      });
      expect(autoScaling.changes).toEqual([]);
      expect(swarm.nodes().every(({ availability }) => availability === 'active')).toBe(true);
    },
  );

  it('gives the node back when its instance is protected meanwhile', async () => {
    const { resize, swarm, autoScaling } = await startWorld();
    const { end } = await resize(-1, () => {
      for (const { id } of autoScaling.instances('workers')) autoScaling.protect(id, true);
    });
    expect(end).toMatchObject({ kind: 'failed', detail: expect.stringContaining('protected') });
    expect(autoScaling.changes).toEqual([]);
    expect(swarm.nodes().every(({ availability }) => availability === 'active')).toBe(true);
  });

  it('leaves an instance alone that is ended by others meanwhile, and puts no tasks on its node', async () => {
    const { resize, autoScaling } = await startWorld();
    const { did, end } = await resize(-1, () => {
      for (const { id } of autoScaling.instances('workers')) autoScaling.replace(id);
    });
    expect(did).toEqual([expect.stringMatching(/^drain node/)]);
    expect(end).toMatchObject({
      kind: 'failed',
      detail: expect.stringMatching(/is Terminating.*is set to drain, and takes no tasks/),
    });
    expect(autoScaling.changes).toEqual([]);
  });

  it('waits while nothing may be ended', async () => {
    const { resize, autoScaling } = await startWorld();
    const { end } = await resize(-1, () => {
      autoScaling.changeGroup('workers', { suspended: ['Terminate'] });
    });
    expect(end).toMatchObject({ kind: 'wait', detail: expect.stringContaining('suspended') });
    expect(autoScaling.changes).toEqual([]);
  });

  it('sets a node that was drained before to nothing else when it stays', async () => {
    const { resize, swarm, autoScaling } = await startWorld();
    const [sick] = autoScaling.instances('workers');
    swarm.changeNode(`node-${sick?.address}`, { availability: 'drain' });
    autoScaling.deny('TerminateInstanceInAutoScalingGroup');
    const { did, end } = await resize(-1);
    expect(did).toEqual([`drain node-${sick?.address}`, `end instance ${sick?.id} of workers`]);
    expect(end).toMatchObject({
      kind: 'failed',
      detail: expect.stringContaining(
        'is set to drain, and takes no tasks, and its instance stays',
      ),
    });
  });

  it('says how the node stands when it cannot be given back', async () => {
    const { resize, swarm, autoScaling } = await startWorld();
    const { end } = await resize(-1, (done) => {
      if (done.length > 1) return;
      autoScaling.changeGroup('workers', { min: 3 });
      swarm.changeNode(done[0]?.change.target.name ?? '', { state: 'down' });
    });
    expect(end).toMatchObject({
      kind: 'failed',
      detail: expect.stringMatching(/is set to active, and is down, and its instance stays/),
    });
  });

  it('goes on with the next one when somebody else has removed the node', async () => {
    const { resize, nodes, autoScaling } = await startWorld();
    const { did, end } = await resize(-2, async (done) => {
      const [drained] = done;
      if (done.length === 2)
        await nodes.remove(await nodes.node(drained?.change.target.name ?? ''));
    });
    expect(did).toHaveLength(5);
    expect(end).toMatchObject({ kind: 'complete' });
    expect(autoScaling.group('workers').desired).toBe(1);
  });

  it('never lets managers, protected instances or strangers go, and says why of each', async () => {
    const nodes = [{ hostname: 'boss', role: 'manager', address: '10.9.9.9' }] as const;
    const { resize, autoScaling } = await startWorld({
      nodes,
      group: { desired: 3, addresses: ['10.9.9.9', '10.9.9.8', '10.9.9.7'] },
      machine: (index) => (index === 2 ? {} : null),
    });
    const [chief, stranger, kept] = autoScaling.instances('workers').map(({ id }) => id);
    autoScaling.protect(kept ?? '', true);
    const { end, did } = await resize(-1);
    expect(did).toEqual([]);
    expect(end).toMatchObject({ kind: 'failed' });
    const { detail } = end as { detail: string };
    expect(detail).toContain(`${chief}: its node boss is a manager`);
    expect(detail).toContain(`${stranger}: no node of the Swarm matches it`);
    expect(detail).toContain(`${kept}: it is protected from scale-in`);
  });

  it('does not take the node of an earlier machine for an instance that got its address', async () => {
    const earlier: string[] = [];
    const { resize, swarm, autoScaling, passTime } = await startWorld({
      group: { addresses: ['10.0.0.1', '10.0.0.2', '10.0.0.3'] },
      machine: (index) =>
        world === undefined || earlier.includes(world.instances('workers')[index]?.id ?? '')
          ? {}
          : null,
    });
    world = autoScaling;
    earlier.push(...autoScaling.instances('workers').map(({ id }) => id));
    swarm.nodes();
    autoScaling.changeGroup('workers', { desired: 2 });
    passTime();
    autoScaling.changeGroup('workers', { desired: 3 });
    passTime();
    expect(swarm.nodes().filter(({ state }) => state === 'down')).toHaveLength(1);
    const newcomer = autoScaling.instances('workers')[2];
    expect(newcomer?.address).toBe('10.0.0.3');
    const { end } = await resize(-1);
    expect(end).toMatchObject({ kind: 'complete' });
    expect(autoScaling.instances('workers').map(({ id }) => id)).toContain(newcomer?.id);
  });

  it('knows a node by the id that its host is named after, without asking EC2', async () => {
    const { resize, autoScaling } = await startWorld({
      machine: (index) => ({ hostname: `${world?.instances('workers')[index]?.id}.internal` }),
    });
    world = autoScaling;
    autoScaling.deny('DescribeInstances');
    const { end } = await resize(-1);
    expect(end).toMatchObject({ kind: 'complete' });
  });

  it('says which permission is missing where nothing else tells', async () => {
    const { resize, autoScaling } = await startWorld();
    autoScaling.deny('DescribeInstances');
    await expect(resize(-1)).rejects.toMatchObject({
      kind: 'forbidden',
      message: expect.stringContaining('ec2:DescribeInstances'),
    });
    expect(autoScaling.changes).toEqual([]);
  });
});

let world: ReturnType<typeof createAutoScalingSim> | undefined;
