import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSwarm } from '../../../src/integrations/swarm/client.js';
import { createSwarmRebalance } from '../../../src/integrations/swarm/rebalance.js';
import { createSwarmRestart } from '../../../src/integrations/swarm/restart.js';
import { createSwarmScale } from '../../../src/integrations/swarm/scale.js';
import { createSwarmSim, type SwarmSim } from '../../../src/sim/swarm.js';
import { sendingOf } from '../../support/sending.js';

/* Compose's `labels:` beside `image:` are labels of the container; an owner may have meant the service. */

const policy = { min: 1, max: 5 };

describe('a service whose owner put labels on its container', () => {
  let sim: SwarmSim;

  beforeEach(async () => {
    sim = createSwarmSim();
    await sim.start();
  });

  afterEach(() => sim.stop());

  function service(containerLabels: Record<string, string>, labels: Record<string, string> = {}) {
    sim.addService({ name: 'web', replicas: 1, labels, containerLabels });
    return createSwarm({ dockerHost: sim.dockerHost(), timeoutMs: 5_000 });
  }

  it.each([
    { 'jidoka.enable': 'false' },
    { 'jidoka.mode': 'approve' },
    { 'jidoka.enabled': 'no' },
    { 'com.df.scaleMax': 'many' },
  ])('is neither scaled nor restarted nor spread: %j', async (containerLabels) => {
    const swarm = service(containerLabels, { 'com.df.reschedule': 'true' });
    const refusal = { kind: 'refused', reason: 'labels_unreadable' };

    const scale = createSwarmScale({ swarm });
    const step = { service: 'web', by: 1 };
    const seen = await scale.observe(step);
    expect(scale.plan(step, seen, policy)).toMatchObject(refusal);
    expect(scale.planTo(step, seen, 3, policy)).toMatchObject(refusal);
    expect(seen.settings?.faults).toHaveLength(1);

    const restart = createSwarmRestart({ swarm });
    const named = { service: 'web' };
    expect(restart.plan(named, await restart.observe(named), policy)).toMatchObject(refusal);

    const rebalance = createSwarmRebalance({ swarm });
    const all = { label: 'com.df.reschedule' };
    const spreading = sendingOf(all);
    const plan = rebalance.plan(all, await rebalance.observe(all), policy);
    const next =
      plan.kind === 'change'
        ? rebalance.sequence?.next(
            spreading,
            plan,
            [],
            await rebalance.sequence.look(spreading, plan, []),
          )
        : plan;
    expect(next).toMatchObject({ kind: 'complete' });
    expect(sim.updates).toEqual([]);
  });

  it('is scaled within the bounds that Docker Flow read there', async () => {
    const scale = createSwarmScale({
      swarm: service({ 'com.df.scaleMin': '1', 'com.df.scaleMax': '2', 'com.df.scaleUpBy': '4' }),
    });
    const step = { service: 'web', direction: 'up' } as const;
    const none = { min: undefined, max: undefined };
    expect(scale.plan(step, await scale.observe(step), none)).toMatchObject({
      op: { from: 1, to: 2 },
    });
    sim.changeService('web', { replicas: 2 });
    expect(scale.plan(step, await scale.observe(step), none)).toMatchObject({
      kind: 'at_bound',
      detail: 'web has 2 replicas; its max is 2 (label com.df.scaleMax of the container)',
    });
  });
});
