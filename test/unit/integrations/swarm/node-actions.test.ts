import { afterEach, describe, expect, it } from 'vitest';
import type { Done } from '../../../../src/integrations/contract/action.js';
import { createSwarm } from '../../../../src/integrations/swarm/client.js';
import { createNodeDrain } from '../../../../src/integrations/swarm/node-drain.js';
import { createSwarmNodes } from '../../../../src/integrations/swarm/nodes.js';
import { createSwarmRebalance } from '../../../../src/integrations/swarm/rebalance.js';
import type { NodeSeed } from '../../../../src/sim/swarm/nodes.js';
import type { ServiceSeed } from '../../../../src/sim/swarm/service.js';
import { createSwarmSim } from '../../../../src/sim/swarm.js';
import { carryOut } from '../carry-out.js';

/* The actions on nodes and on all services of a label, each a sequence, on a simulated Swarm. */

const convergeMs = 20_000;
const running: { stop(): Promise<void> }[] = [];
type Between = (done: readonly Done[]) => unknown;

afterEach(async () => {
  await Promise.all(running.splice(0).map((sim) => sim.stop()));
});

async function startWorld({
  services = [],
  nodes = ['one', 'two', 'three'].map((hostname) => ({ hostname, role: 'worker' })),
}: {
  readonly services?: readonly ServiceSeed[];
  readonly nodes?: readonly NodeSeed[];
} = {}) {
  let nowMs = Date.now();
  const boss = { hostname: 'boss', role: 'manager', room: 0 } as const;
  const sim = createSwarmSim({ clock: { now: () => nowMs }, convergeMs, nodes: [boss, ...nodes] });
  await sim.start();
  running.push(sim);
  for (const service of services) sim.addService(service);
  const engine = { dockerHost: sim.dockerHost(), timeoutMs: 5_000 };
  const clients = { nodes: createSwarmNodes(engine), swarm: createSwarm(engine) };
  const passTime = () => {
    nowMs += convergeMs;
  };
  const availabilities = () => sim.nodes().map(({ availability }) => availability);
  return {
    sim,
    availabilities,
    drain: (between?: Between) =>
      carryOut({ action: createNodeDrain(clients), params: { node: 'one' }, passTime, between }),
    async plan(params: { readonly service?: string; readonly label?: string }) {
      const action = createSwarmRebalance(clients);
      return action.plan(params, await action.observe(params), { min: undefined, max: undefined });
    },
    rebalance: (between?: Between) =>
      carryOut({
        action: createSwarmRebalance(clients),
        params: { label: 'spread' },
        passTime,
        between,
      }),
  };
}

describe('a node that is drained', () => {
  it('is over when its tasks run elsewhere', async () => {
    const { sim, drain } = await startWorld({ services: [{ name: 'web', replicas: 3 }] });
    const { end, did } = await drain();
    expect(did).toEqual(['drain one']);
    expect(end).toMatchObject({ kind: 'complete' });
    expect(sim.service('web').running).toBe(3);
  });

  it('has a service that starts before it stops leave by an update of its own', async () => {
    const services = [{ name: 'web', replicas: 3, update: { Order: 'start-first' } }];
    const { drain } = await startWorld({ services });
    const { did } = await drain();
    expect(did).toEqual(['put no more tasks on one', 'restart web', 'drain one']);
  });

  it('takes tasks again where there is no room for them elsewhere, and a person is told', async () => {
    const nodes = ['one', 'two'].map(
      (hostname) => ({ hostname, role: 'worker', room: 1 }) as const,
    );
    const services = [{ name: 'web', replicas: 2 }];
    const { drain, availabilities } = await startWorld({ services, nodes });
    const { end, did } = await drain();
    expect(did).toEqual(['drain one', 'take tasks on one']);
    expect(end).toMatchObject({
      kind: 'failed',
      detail: expect.stringMatching(/no suitable node.*node one takes tasks$/),
    });
    expect(availabilities()).toEqual(['active', 'active', 'active']);
  });

  it('stays as somebody else sets it on the way', async () => {
    const services = [{ name: 'web', replicas: 3, update: { Order: 'start-first' } }];
    const { sim, drain } = await startWorld({ services });
    const { end, did } = await drain((done) => {
      if (done.length === 2) sim.changeNode('one', { availability: 'active' });
    });
    expect(did).toEqual(['put no more tasks on one', 'restart web']);
    expect(end).toMatchObject({
      kind: 'failed',
      detail: 'node one was set to active outside this run; node one takes tasks',
    });
  });
});

describe('services that are spread anew', () => {
  const labels = { spread: 'true' };

  it('are those with the label, one after the other', async () => {
    const services = [
      { name: 'web', replicas: 2, labels },
      { name: 'api', labels },
      { name: 'db' },
    ];
    const { sim, rebalance } = await startWorld({ services });
    const least: number[] = [];
    const { end, did } = await rebalance(() => {
      least.push(sim.service('web').running + sim.service('api').running);
    });
    expect(did).toEqual(['restart api', 'restart web']);
    expect(least).toEqual([3, 3]);
    expect(end).toEqual({ kind: 'complete', detail: 'rebalanced: api, web' });
  });

  it('are not those whose owners want to see or to be asked first', async () => {
    const services = [
      { name: 'api', labels: { ...labels, 'jidoka.mode': 'approve' } },
      { name: 'db', labels: { ...labels, 'jidoka.mode': 'shadow' } },
      { name: 'web', labels: { ...labels, 'jidoka.mode': 'auto' } },
    ];
    const { rebalance } = await startWorld({ services });
    const { end, did } = await rebalance();
    expect(did).toEqual(['restart web']);
    expect(end).toMatchObject({
      kind: 'complete',
      detail: expect.stringMatching(/rebalanced: web; .*api .*mode=approve; .*db .*mode=shadow/),
    });
  });

  it('are left where one of them does not come back', async () => {
    const services = [
      { name: 'api', labels, image: 'api:2', brokenImage: 'api:2' },
      { name: 'web', labels },
    ];
    const { rebalance } = await startWorld({ services });
    const { end, did } = await rebalance();
    expect(did).toEqual(['restart api']);
    expect(end).toMatchObject({ kind: 'failed', detail: expect.stringContaining('paused') });
  });
});

describe('a service that is named beside a label', () => {
  const planFor = async (labels: Record<string, string>, label: string) => {
    const { plan } = await startWorld({ services: [{ name: 'web', labels }] });
    return plan({ service: 'web', label });
  };

  it.each([
    [{ spread: 'true' }, 'spread=true'],
    [{ spread: 'no' }, 'spread'],
    [{ spread: '' }, 'spread'],
    [{ spread: 'a=b' }, 'spread=a=b'],
  ])('with the labels %j is spread for %s', async (labels, label) => {
    expect(await planFor(labels, label)).toMatchObject({
      kind: 'change',
      op: { kind: 'rebalance', services: ['web'] },
    });
  });

  it.each([
    [{}, 'spread=true', 'it has no such label'],
    [{ spread: 'false' }, 'spread=true', 'it has spread=false'],
    [{ spread: 'True' }, 'spread=true', 'it has spread=True'],
    [{ spread: '' }, 'spread=true', 'it has spread='],
    [{}, 'constructor', 'it has no such label'],
  ])('with the labels %j is refused for %s', async (labels, label, why) => {
    expect(await planFor(labels, label)).toEqual({
      kind: 'refused',
      reason: 'unsupported',
      detail: `service web is not labelled ${label}: ${why}`,
    });
  });
});
