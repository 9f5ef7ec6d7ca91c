import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AutoScalingSim, createAutoScalingSim } from '../../src/sim/auto-scaling.js';
import { eventually } from '../support/eventually.js';
import { type Jidoka, startJidoka } from '../support/jidoka.js';
import { makeDir } from '../support/parts/place.js';
import { startSwarmNodes, type TestNode } from '../support/parts/swarm-nodes.js';
import { usePart } from '../support/parts.js';
import { type Watch, watchServices } from '../support/service-watch.js';

/*
 * A real Swarm of several engines, whose workers are the instances of a (simulated) Auto Scaling group: a
 * machine is plugged in when the group launches an instance, and unplugged when it ends one. The group
 * grows and shrinks by calls as docker-scaler took them, while somebody watches each service.
 */

const undo: (() => Promise<unknown>)[] = [];
const image = 'jidoka-test/busybox:nodes';
const services = { web: 4, api: 3, other: 2 };
let manager: TestNode;
let autoScaling: AutoScalingSim;
let jidoka: Jidoka;
let watch: Watch;

beforeAll(async () => {
  const wire = await startSwarmNodes(await makeDir('nodes'), (line) => console.log(line));
  undo.push(wire.stop);
  manager = await wire.add('manager', '10.99.0.10', image);
  const { docker, address } = manager;
  await docker.swarmInit({ ListenAddr: `${address}:2377`, AdvertiseAddr: address });

  autoScaling = createAutoScalingSim({ launchMs: 500 });
  await autoScaling.start();
  undo.push(autoScaling.stop);
  const addresses = ['10.99.0.11', '10.99.0.12', '10.99.0.13'];
  autoScaling.addGroup({ name: 'workers', min: 1, max: 3, desired: 2, addresses });
  undo.push(plugIn(wire.add));
  await eventually('two workers are there', readyNodes, (nodes) => nodes.length === 3, 60_000);

  for (const [name, replicas] of Object.entries(services)) await create(name, replicas);
  watch = watchServices(docker, services);
  undo.push(watch.stop);
  await eventually('the services run', watch.running, (now) => sameAs(now), 60_000);
  watch.begin();

  const text = await readFile('playbooks/docker-scaler-nodes.yaml', 'utf8');
  const playbooks = join(await makeDir('nodes-playbooks'), 'playbooks');
  await mkdir(playbooks);
  await writeFile(join(playbooks, 'nodes.yaml'), text.replace('cooldown: 5m', 'cooldown: 0'));
  jidoka = await startJidoka({
    REDIS_URL: usePart('redis').url,
    JIDOKA_CELL: `nodes-${randomUUID()}`,
    JIDOKA_PLAYBOOKS: playbooks,
    JIDOKA_LISTEN: '127.0.0.1',
    JIDOKA_WORKER_ASG: 'workers',
    DOCKER_HOST: manager.dockerHost,
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL: autoScaling.url(),
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'secret',
  });
  undo.push(jidoka.stop);
});

afterAll(async () => {
  for (const step of undo.reverse()) await step();
});

/** `web` starts a task before it stops one, `api` has one fewer at a time, `other` stays where it is. */
async function create(name: string, replicas: number): Promise<void> {
  await manager.docker.createService({
    Name: name,
    Labels: name === 'other' ? {} : { 'com.df.reschedule': 'true' },
    Mode: { Replicated: { Replicas: replicas } },
    TaskTemplate: {
      ContainerSpec: {
        Image: image,
        Command: ['/bin/busybox', 'sleep', '86400'],
        StopGracePeriod: 100_000_000,
      },
      Placement: { Constraints: ['node.role==worker'] },
    },
    UpdateConfig: {
      Parallelism: 1,
      Order: name === 'web' ? 'start-first' : 'stop-first',
      Monitor: 500_000_000,
      FailureAction: 'pause',
    },
  } as Docker.CreateServiceOptions);
}

/** Has a machine run for each instance, as a worker of the Swarm, and none for those that end. */
function plugIn(add: (name: string, address: string, image: string) => Promise<TestNode>) {
  const machines = new Map<string, Promise<TestNode>>();
  let round = Promise.resolve();

  async function join(name: string, address: string): Promise<TestNode> {
    const node = await add(name, address, image);
    const { JoinTokens } = await manager.docker.swarmInspect();
    await node.docker.swarmJoin({
      ListenAddr: `${address}:2377`,
      AdvertiseAddr: address,
      RemoteAddrs: [`${manager.address}:2377`],
      JoinToken: JoinTokens.Worker,
    });
    return node;
  }

  async function look(): Promise<void> {
    const there = autoScaling.instances('workers').filter(({ state }) => state !== 'Terminating');
    for (const { id, address } of there) {
      const name = `w-${id.slice(-6)}`;
      if (!machines.has(id)) machines.set(id, join(name, address));
    }
    for (const [id, machine] of machines) {
      if (there.some((one) => one.id === id)) continue;
      machines.delete(id);
      await (await machine).kill();
    }
  }

  const timer = setInterval(() => {
    round = round.then(look);
  }, 200);
  return async () => {
    clearInterval(timer);
    await round;
  };
}

interface NodeAnswer {
  readonly ID: string;
  readonly Spec: { readonly Role: string };
  readonly Status: { readonly State: string; readonly Addr: string };
  readonly ManagerStatus?: { readonly Reachability: string };
}

const nodes = async () => (await manager.docker.listNodes()) as unknown as NodeAnswer[];
const readyNodes = async () => (await nodes()).filter(({ Status }) => Status.State === 'ready');
const sameAs = (now: Readonly<Record<string, number>>) =>
  Object.entries(services).every(([name, replicas]) => now[name] === replicas);

/** Calls as a client of docker-scaler does, and waits for the run to end. */
async function resize(scale: 'up' | 'down'): Promise<unknown> {
  const before = (await runs()).length;
  await fetch(`${jidoka.url}/v1/scale-nodes?type=worker&scale=${scale}`, { method: 'POST' });
  const all = await eventually(
    `the group has gone ${scale}`,
    runs,
    (list) => list.length > before && list.every(({ state }) => state === 'ended'),
    150_000,
  );
  return all.find(({ attempts }) => attempts[0]?.part?.of.op.to === (scale === 'up' ? 3 : 2))
    ?.outcome;
}

interface RunAnswer {
  readonly state: string;
  readonly outcome: unknown;
  readonly attempts: readonly {
    readonly part?: { readonly of: { readonly op: { readonly to?: unknown } } };
  }[];
}

const runs = async () => (await jidoka.api<{ items: RunAnswer[] }>('runs')).items;

const forcedUpdates = async () => {
  const all = await manager.docker.listServices();
  return Object.fromEntries(
    all.map(({ Spec }) => [Spec?.Name, Spec?.TaskTemplate?.ForceUpdate ?? 0]),
  );
};

/** No service went below what its own update settings allow, and no task came to harm. */
function expectUnharmed(): void {
  const least = watch.least();
  expect(least.web).toBe(4);
  expect(least.api).toBeGreaterThanOrEqual(2);
  expect(least.other).toBeGreaterThanOrEqual(1);
  expect(watch.harmed()).toEqual([]);
  expect(watch.together()).toEqual([]);
}

test('a new node is joined, waited for and filled, one labelled service after the other', async () => {
  expect(await resize('up')).toMatchObject({ kind: 'done' });
  expect(await readyNodes()).toHaveLength(4);
  expect(await forcedUpdates()).toEqual({ web: 1, api: 1, other: 0 });
  const newcomer = (await nodes()).find(({ Status }) => Status.Addr === '10.99.0.13');
  const there = await watch.servicesOn(newcomer?.ID ?? '');
  expect(there).toEqual(expect.arrayContaining(['api', 'web']));
  await eventually('the services run', watch.running, sameAs);
  expectUnharmed();
});

test('an instance leaves without a task being lost: drained, ended by name, and its node removed', async () => {
  const before = autoScaling.instances('workers');
  expect(await resize('down')).toMatchObject({ kind: 'done' });
  const [gone, ...others] = before.filter(
    ({ id }) => !autoScaling.instances('workers').some((one) => one.id === id),
  );
  expect(others).toEqual([]);
  expect(autoScaling.changes.at(-1)).toMatchObject({ from: 3, to: 2, terminated: gone?.id });
  const left = await nodes();
  expect(left.map(({ Status }) => Status)).not.toContainEqual(
    expect.objectContaining({ Addr: gone?.address }),
  );
  expect(left).toHaveLength(3);
  expect(
    left.filter(({ ManagerStatus }) => ManagerStatus?.Reachability === 'reachable'),
  ).toHaveLength(1);
  await eventually('the services run', watch.running, sameAs);
  expectUnharmed();
});
