import { createAsgResize } from '../../../src/action/asg-resize.js';
import { createSwarmScale } from '../../../src/action/swarm-scale.js';
import { createAutoScalingSim } from '../../../src/sim/auto-scaling.js';
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

const swarmScale: Subject = {
  name: 'swarm.scale',
  resizes: true,
  async start(size) {
    const { clock, settle } = createHeldClock();
    const sim = createSwarmSim({ clock, convergeMs: slowMs });
    await sim.start();
    sim.addService({ name: 'web', replicas: size, labels: { 'com.df.scaleMin': '1' } });
    const swarm = createSwarm({ dockerHost: sim.dockerHost(), timeoutMs });
    return {
      action: createSwarmScale({ swarm }),
      params: (by) => ({ service: 'web', by, max: 5 }),
      missing: () => ({ service: 'nothing', by: 1 }),
      size: () => sim.service('web').replicas ?? Number.NaN,
      setSize: (replicas) => sim.changeService('web', { replicas }),
      requests: () => sim.requests.filter((request) => !request.startsWith('GET ')).length,
      effects: () => sim.updates.length,
      settle,
      loseNextAnswer: ({ applied }) =>
        sim.failNext({ method: 'POST', path: /./, afterApplying: applied, ...cut }),
      stop: sim.stop,
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
export const subjects: readonly Subject[] = [swarmScale, asgResize];
