import { createAsgResize } from '../../../src/integrations/aws/asg-resize.js';
import { createAutoScaling } from '../../../src/integrations/aws/auto-scaling.js';
import { createEc2 } from '../../../src/integrations/aws/ec2.js';
import type { Action, AnyAction } from '../../../src/integrations/contract/action.js';
import type { Target } from '../../../src/integrations/contract/change.js';
import type { JobDefinition } from '../../../src/integrations/contract/job.js';
import { createHttp } from '../../../src/integrations/http/client.js';
import { createHttpRequest } from '../../../src/integrations/http/request.js';
import { createSwarm } from '../../../src/integrations/swarm/client.js';
import { createSwarmJob } from '../../../src/integrations/swarm/job.js';
import { createSwarmJobs } from '../../../src/integrations/swarm/jobs.js';
import { createNodeActivate } from '../../../src/integrations/swarm/node-activate.js';
import { createNodeDrain } from '../../../src/integrations/swarm/node-drain.js';
import { createSwarmNodes } from '../../../src/integrations/swarm/nodes.js';
import { createSwarmRebalance } from '../../../src/integrations/swarm/rebalance.js';
import { createSwarmRestart } from '../../../src/integrations/swarm/restart.js';
import { createSwarmRestoreImage } from '../../../src/integrations/swarm/restore-image.js';
import { createSwarmRollback } from '../../../src/integrations/swarm/rollback.js';
import { createSwarmScale } from '../../../src/integrations/swarm/scale.js';
import { createAutoScalingSim } from '../../../src/sim/auto-scaling.js';
import type { ServiceSeed } from '../../../src/sim/swarm/service.js';
import { createSwarmSim } from '../../../src/sim/swarm.js';
import { startHttpServer } from '../../support/http-server.js';
import { jobOf } from '../../support/job.js';
import type { Subject } from './conformance.js';

const timeoutMs = 5000;
const slowMs = 60_000;
const cut = { hangMs: 0 };

/** A clock that moves only when it is told to. */
function createHeldClock() {
  let nowMs = Date.now();
  return {
    clock: { now: () => nowMs },
    settle() {
      nowMs += slowMs;
    },
  };
}

/** A Swarm that is not there. */
const noSwarm = { dockerHost: 'unix:///nowhere/docker.sock', timeoutMs };
const nowhere = { nodes: createSwarmNodes(noSwarm), swarm: createSwarm(noSwarm) };

const cleanDisk = jobOf('clean-disk', {
  image: 'alpine:3.22@sha256:'.concat('0'.repeat(64)),
  command: ['/bin/true'],
  inputs: { node: { type: 'node' }, days: { type: 'number', min: 1 } },
  time_limit: '10m',
});

/** An action whose steps have the job that a playbook would have been loaded with. */
function pinned<P, S, T extends Target>(action: Action<P, S, T>, definition: JobDefinition) {
  const read = action.params.transform((params) => ({ ...params, definition }));
  return { ...action, params: read } as unknown as AnyAction;
}

/** A world of one service of a simulated Swarm whose tasks take their time. */
async function startSwarm(service: ServiceSeed) {
  const { clock, settle } = createHeldClock();
  const sim = createSwarmSim({ clock, convergeMs: slowMs });
  await sim.start();
  sim.addService(service);
  const swarm = createSwarm({ dockerHost: sim.dockerHost(), timeoutMs });
  const world = {
    requests: () => sim.requests.filter((request) => !request.startsWith('GET ')).length,
    effects: () => sim.updates.length,
    settle,
    loseNextAnswer: ({ applied }: { readonly applied: boolean }) =>
      sim.failNext({ method: 'POST', path: /./, afterApplying: applied, ...cut }),
    stop: sim.stop,
  };
  return { sim, swarm, settle, world };
}

const swarmScale: Subject = {
  name: 'swarm.scale',
  resizes: true,
  async start(size) {
    const labels = { 'com.df.scaleMin': '1' };
    const { sim, swarm, world } = await startSwarm({ name: 'web', replicas: size, labels });
    return {
      ...world,
      action: createSwarmScale({ swarm }),
      params: (by) => ({ service: 'web', by, max: 5 }),
      missing: () => ({ service: 'nothing', by: 1 }),
      size: () => sim.service('web').replicas ?? Number.NaN,
      setSize: (replicas) => sim.changeService('web', { replicas }),
    };
  },
};

/** State 3 is that its service is not there, 4 that it is started. */
const swarmJob: Subject = {
  name: 'swarm.job',
  resizes: false,
  creates: true,
  async start() {
    const { sim, swarm, world } = await startSwarm({ name: 'web' });
    const { dockerHost } = sim;
    const nodes = createSwarmNodes({ dockerHost: dockerHost(), timeoutMs });
    const jobs = createSwarmJobs({ dockerHost: dockerHost(), timeoutMs });
    const create = 'POST /v1.41/services/create';
    const isThere = () => sim.services().includes('jidoka-run-1');
    let made = 0;
    return {
      ...world,
      action: pinned(createSwarmJob({ jobs, swarm, nodes }), cleanDisk),
      params: () => ({ job: 'clean-disk', with: { node: 'simulated', days: 3 } }),
      missing: () => ({ job: 'clean-disk', with: { node: 'nothing', days: 3 } }),
      as: (state) => (state === 3 ? 'absent' : 'started'),
      size: () => (isThere() ? 'started' : 'absent'),
      setSize: () => undefined,
      requests: () => sim.requests.filter((request) => request.startsWith(create)).length,
      effects() {
        made = Math.max(made, isThere() ? 1 : 0);
        return made;
      },
      loseNextAnswer: ({ applied }) =>
        sim.failNext({ path: /^\/services\/create$/, afterApplying: applied, ...cut }),
    };
  },
};

const swarmRestart: Subject = {
  name: 'swarm.restart',
  resizes: false,
  async start(count) {
    const { sim, swarm, settle, world } = await startSwarm({ name: 'web', replicas: 2 });
    sim.changeService('web', { forceUpdate: count });
    settle();
    return {
      ...world,
      action: createSwarmRestart({ swarm }),
      params: () => ({ service: 'web' }),
      missing: () => ({ service: 'nothing' }),
      as: (forceUpdate) => ({ forceUpdate }),
      size: () => ({ forceUpdate: sim.service('web').forceUpdate }),
      setSize: (forceUpdate) => sim.changeService('web', { forceUpdate }),
    };
  },
};

/** State 4 is the image before the paused rollout of the image of state 3. */
const swarmRollback: Subject = {
  name: 'swarm.rollback',
  resizes: false,
  async start(state) {
    const { sim, swarm, settle, world } = await startSwarm({
      name: 'web',
      replicas: 2,
      image: `web:${state + 1}`,
      brokenImage: `web:${state}`,
    });
    sim.changeService('web', { image: `web:${state}` });
    settle();
    const as = (of: number) => ({
      image: `web:${of}`,
      rollout: of === 5 ? 'none' : of === state ? 'paused' : 'rolled_back',
    });
    return {
      ...world,
      action: createSwarmRollback({ swarm }),
      params: () => ({ service: 'web' }),
      missing: () => ({ service: 'nothing' }),
      as,
      size: () => as(Number(sim.service('web').image.slice('web:'.length))),
      setSize: (of) => sim.changeService('web', { image: `web:${of}` }),
    };
  },
};

/** State 4 is the image before the deploy of the image of state 3. */
const swarmRestoreImage: Subject = {
  name: 'swarm.restore_image',
  resizes: false,
  async start(state) {
    const image = (of: number) => `web:${of}`;
    const { sim, swarm, settle, world } = await startSwarm({
      ...{ name: 'web', replicas: 2, image: image(state + 1) },
    });
    sim.changeService('web', { image: image(state) });
    settle();
    const event = { scope: '', kind: 'deployed', name: 'web', atMs: 1 } as const;
    const lastChange = async () => {
      const to = sim.service('web').image;
      return { kind: 'seen', event: { ...event, from: image(4), to } } as const;
    };
    return {
      ...world,
      action: createSwarmRestoreImage({ swarm, deploys: { lastChange } }),
      params: () => ({ service: 'web' }),
      missing: () => ({ service: 'nothing' }),
      as: (of) => ({ image: image(of) }),
      size: () => ({ image: sim.service('web').image }),
      setSize: (of) => sim.changeService('web', { image: image(of) }),
    };
  },
};

const swarmRebalance: Subject = {
  ...swarmRestart,
  name: 'swarm.rebalance',
  async start(count) {
    const { sim, swarm, settle, world } = await startSwarm({ name: 'web', replicas: 2 });
    sim.changeService('web', { forceUpdate: count });
    settle();
    return {
      ...world,
      action: createSwarmRebalance({ swarm }),
      params: () => ({ service: 'web' }),
      missing: () => ({ service: 'nothing' }),
      as: (forceUpdate) => ({ forceUpdate }),
      size: () => ({ forceUpdate: sim.service('web').forceUpdate }),
      setSize: (forceUpdate) => sim.changeService('web', { forceUpdate }),
    };
  },
};

/** A world of two nodes of a simulated Swarm, and the availabilities that the numbers of states stand for. */
async function startNodes(as: (state: number) => 'active' | 'pause' | 'drain', state: number) {
  const { clock, settle } = createHeldClock();
  const nodes = [
    { hostname: 'boss', role: 'manager' },
    { hostname: 'one', role: 'worker' },
  ] as const;
  const sim = createSwarmSim({ clock, convergeMs: slowMs, nodes });
  await sim.start();
  sim.addService({ name: 'web', replicas: 4 });
  sim.changeNode('one', { availability: as(state) });
  const options = { dockerHost: sim.dockerHost(), timeoutMs };
  const clients = { nodes: createSwarmNodes(options), swarm: createSwarm(options) };
  const world = {
    params: () => ({ node: 'one' }),
    missing: () => ({ node: 'nothing' }),
    as,
    size: () => sim.nodes()[1]?.availability ?? '',
    setSize: (of: number) => sim.changeNode('one', { availability: as(of) }),
    requests: () => sim.requests.filter((request) => !request.startsWith('GET ')).length,
    effects: () => sim.nodeUpdates.length,
    settle,
    loseNextAnswer: ({ applied }: { readonly applied: boolean }) =>
      sim.failNext({ method: 'POST', path: /./, afterApplying: applied, ...cut }),
    stop: sim.stop,
  };
  return { sim, clients, settle, world };
}

const nodeDrain: Subject = {
  name: 'node.drain',
  resizes: false,
  async start(state) {
    const as = (of: number) => (of === 3 ? 'active' : of === 4 ? 'drain' : 'pause');
    const { clients, world } = await startNodes(as, state);
    return { ...world, action: createNodeDrain(clients) };
  },
};

/** The node is down until the world settles. */
const nodeActivate: Subject = {
  name: 'node.activate',
  resizes: false,
  async start(state) {
    const as = (of: number) => (of === 3 ? 'drain' : of === 4 ? 'active' : 'pause');
    const { sim, clients, world } = await startNodes(as, state);
    sim.changeNode('one', { state: 'down' });
    const settle = () => sim.changeNode('one', { state: 'ready' });
    return { ...world, settle, action: createNodeActivate(clients) };
  },
};

const asgResize: Subject = {
  name: 'asg.resize',
  resizes: true,
  async start(size) {
    const { clock, settle } = createHeldClock();
    const sim = createAutoScalingSim({ clock, launchMs: slowMs });
    await sim.start();
    sim.addGroup({ name: 'workers', min: 1, max: 9, desired: size, warmed: 2 });
    const autoScaling = createAutoScaling({
      timeoutMs,
      region: 'eu-central-1',
      endpoint: sim.url(),
      credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
    });
    return {
      action: createAsgResize({
        autoScaling,
        ec2: createEc2({ timeoutMs }),
        ...nowhere,
        workerAsg: '',
      }),
      params: (by) => ({ group: 'workers', by, max: 5 }),
      missing: () => ({ group: 'nothing', by: 1 }),
      size: () => sim.group('workers').desired,
      setSize: (desired) => sim.changeGroup('workers', { desired }),
      requests: () => sim.calls.filter((call) => !call.startsWith('Describe')).length,
      effects: () => sim.changes.length,
      settle,
      loseNextAnswer: ({ applied }) =>
        sim.failNext({ action: 'SetDesiredCapacity', afterApplying: applied, ...cut }),
      stop: sim.stop,
    };
  },
};

/** A subject for every action; the conformance suite runs against each. Add yours here. */
const httpRequest: Subject = {
  name: 'http.request',
  resizes: false,
  unobservable: true,
  async start() {
    const secret = 'correct-horse-battery';
    const server = await startHttpServer();
    let effects = 0;
    server.answer = ({ path }, reply) => {
      if (path !== '/job/restart') return reply(404);
      effects += 1;
      reply(201, `queued for ${secret}`);
    };
    const hosts = () => [{ origin: server.origin, authorization: 'JIDOKA_HTTP_CI' }];
    const credentials = { JIDOKA_HTTP_CI: `Bearer ${secret}` };
    return {
      action: createHttpRequest({ http: createHttp({ hosts, credentials }) }),
      params: () => ({ url: `${server.origin}/job/restart`, body: { service: 'web' } }),
      missing: () => ({ url: `${server.origin}/job/nothing` }),
      as: (state) => (state > 3 ? 'called' : 'not_called'),
      size: () => 'not_called',
      setSize: () => undefined,
      requests: () => server.requests.length,
      effects: () => effects,
      settle: () => undefined,
      secret,
      loseNextAnswer({ applied }) {
        server.answer = (_, _reply, socket) => {
          if (applied) effects += 1;
          socket.destroy();
        };
      },
      stop: server.stop,
    };
  },
};

export const subjects: readonly Subject[] = [
  swarmScale,
  swarmJob,
  swarmRestart,
  swarmRollback,
  swarmRestoreImage,
  swarmRebalance,
  nodeDrain,
  nodeActivate,
  asgResize,
  httpRequest,
];
