import { afterEach, expect, test } from 'vitest';
import type { AnyAction } from '../../../src/integrations/contract/action.js';
import { createSwarm } from '../../../src/integrations/swarm/client.js';
import { createSwarmRestoreImage } from '../../../src/integrations/swarm/restore-image.js';
import type { Clock } from '../../../src/lib/clock.js';
import { createSwarmSim } from '../../../src/sim/swarm.js';
import { type Bench, startBench } from '../../support/memory-engine.js';

/* What the engine does about a bad deploy, on a simulated Swarm. */

const minute = 60_000;
const failing = { alertname: 'Failing', service: 'web' };
const playbook = `
name: roll-back
summary: Puts back the image.
match: alertname = "Failing"
mode: auto
steps:
  - swarm.restore_image: { service: "\${{ labels.service }}" }
    settle: 30m
`;
const convergeMs = 30_000;

let bench: Bench;
let sim: ReturnType<typeof createSwarmSim>;
afterEach(() => sim.stop());

/** An engine, and a service that was deployed from `web:1` to `web:2`; both on one clock. */
async function start(): Promise<AnyAction> {
  let clock: Clock = { now: () => 0 };
  sim = createSwarmSim({ clock: { now: () => clock.now() }, convergeMs });
  await sim.start();
  const swarm = createSwarm({ dockerHost: sim.dockerHost(), timeoutMs: 5_000 });
  const event = { scope: '', kind: 'deployed', name: 'web', atMs: 0 } as const;
  const lastChange = async () =>
    ({ kind: 'seen', event: { ...event, from: 'web:1', to: 'web:2' } }) as const;
  const action = createSwarmRestoreImage({ swarm, deploys: { lastChange } }) as AnyAction;
  bench = startBench({ playbooks: [playbook], actions: [action] });
  clock = bench.clock;
  sim.addService({ name: 'web', replicas: 2, image: 'web:1' });
  sim.changeService('web', { image: 'web:2' });
  return action;
}

const updates = () => sim.requests.filter((request) => request.includes('/update'));
const outcomes = async () => (await bench.runs()).map(({ outcome }) => outcome?.reason ?? 'open');

class Death extends Error {}

/** An engine that dies when it sends the change, before or after it has arrived. */
function mortal(action: AnyAction, when: 'before' | 'after') {
  let isDead = false;
  const dying: AnyAction = {
    ...action,
    async apply(change, sending) {
      if (when === 'after') await action.apply(change, sending);
      isDead = true;
      throw new Death();
    },
  };
  return bench.another({
    actions: new Map([[action.name, dying]]),
    ledger: {
      ...bench.ledger,
      async commit(transaction) {
        if (isDead) throw new Death();
        return bench.ledger.commit(transaction);
      },
    },
  });
}

test.each(['before', 'after'] as const)(
  'an engine that is killed %s the call puts the image back once, whoever goes on',
  async (when) => {
    const action = await start();
    await bench.pass(convergeMs);
    bench.use(mortal(action, when));
    await bench.take([{ labels: failing }]).catch(() => {});
    expect(updates()).toHaveLength(when === 'after' ? 1 : 0);
    bench.use(bench.another());
    await bench.pass(5 * minute);
    expect(updates()).toHaveLength(1);
    expect(sim.service('web')).toMatchObject({ image: 'web:1', running: 2 });
    await bench.take([{ labels: failing, resolved: true }]);
    expect(await outcomes()).toEqual(['resolved']);
  },
);

test('nothing is changed while a rollout is in progress, and what waited goes by how the service is then', async () => {
  await start();
  expect(sim.service('web').updateState).toBe('updating');
  await bench.take([{ labels: failing }]);
  await bench.pass(convergeMs / 2);
  expect(updates()).toEqual([]);
  expect(await outcomes()).toEqual(['open']);
  // the deploy is taken back by hand meanwhile: there is nothing left to do
  sim.changeService('web', { image: 'web:1' });
  await bench.pass(5 * minute);
  expect(updates()).toEqual([]);
  expect(await outcomes()).toEqual(['unsupported']);
});
