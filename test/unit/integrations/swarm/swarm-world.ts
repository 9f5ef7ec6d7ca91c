import { afterEach } from 'vitest';
import type { AnyAction, Plan } from '../../../../src/integrations/contract/action.js';
import { createSwarm, type Swarm } from '../../../../src/integrations/swarm/client.js';
import type { ServiceSeed } from '../../../../src/sim/swarm/service.js';
import { createSwarmSim } from '../../../../src/sim/swarm.js';

const convergeMs = 60_000;
const running: { stop(): Promise<void> }[] = [];

/** Ends the Swarms of a test after it. */
export function stopSwarms(): void {
  afterEach(async () => {
    await Promise.all(running.splice(0).map((sim) => sim.stop()));
  });
}

/** An action on a simulated Swarm whose clock stands still until it is told to move on. */
export async function startWorld(create: (swarm: Swarm) => AnyAction, ...services: ServiceSeed[]) {
  let nowMs = Date.now();
  const sim = createSwarmSim({ clock: { now: () => nowMs }, convergeMs });
  await sim.start();
  running.push(sim);
  for (const service of services) sim.addService(service);
  const action = create(createSwarm({ dockerHost: sim.dockerHost(), timeoutMs: 5_000 }));

  async function plan(service: string, fallback = {}): Promise<Plan> {
    const params = { service };
    const bounds = { min: undefined, max: undefined, ...fallback };
    return action.plan(params, await action.observe(params), bounds);
  }

  return {
    sim,
    action,
    plan,
    /** Gives tasks the time that they take. */
    settle(): void {
      nowMs += convergeMs;
    },
    /** A plan that has to be a change. */
    async change(service: string) {
      const planned = await plan(service);
      if (planned.kind !== 'change') throw new Error(`no change: ${planned.detail}`);
      return planned;
    },
  };
}
