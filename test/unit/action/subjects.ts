import { createAsgResize } from '../../../src/action/asg-resize.js';
import { createSwarmRestart } from '../../../src/action/swarm-restart.js';
import { createSwarmRollback } from '../../../src/action/swarm-rollback.js';
import { createSwarmScale } from '../../../src/action/swarm-scale.js';
import { createAutoScalingSim } from '../../../src/sim/auto-scaling.js';
import type { ServiceSeed } from '../../../src/sim/swarm/service.js';
import { createSwarmSim } from '../../../src/sim/swarm.js';
import { createAutoScaling } from '../../../src/target/auto-scaling.js';
import { createSwarm } from '../../../src/target/swarm.js';
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
      as: (state) => `forced update ${state}`,
      size: () => `forced update ${sim.service('web').forceUpdate}`,
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
    const as = (of: number) =>
      `web:${of}${of === 5 ? '' : of === state ? ', rollout paused' : ', rolled back'}`;
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
      action: createAsgResize({ autoScaling }),
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
export const subjects: readonly Subject[] = [swarmScale, swarmRestart, swarmRollback, asgResize];
