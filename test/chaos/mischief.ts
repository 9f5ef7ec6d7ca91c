import { setTimeout as sleep } from 'node:timers/promises';
import type { SwarmSim } from '../../src/sim/swarm.js';
import type { Random } from './random.js';

const update = { method: 'POST', path: /\/update$/ } as const;
const anything = { path: /\/(services|tasks)/ } as const;

/** Lets the Swarm misbehave in one of the ways in which Swarms do. */
export async function misbehave(
  swarm: SwarmSim,
  services: readonly string[],
  random: Random,
): Promise<void> {
  const service = random.pick(services);
  const ms = random.between(500, 3_000);
  const message = (text: string) => `rpc error: code = Unknown desc = ${text}`;
  await random.pick<() => unknown>([
    () => swarm.failNext({ ...update, status: 500, message: message('something broke') }),
    () => swarm.failNext({ ...update, status: 500, message: message('update out of sequence') }),
    () => swarm.failNext({ ...update, status: 503, message: 'no manager' }),
    // the connection breaks before it is applied, and after
    () => swarm.failNext({ ...update, hangMs: 0 }),
    () => swarm.failNext({ ...update, hangMs: 0, afterApplying: true }),
    // no answer until the time is up
    () => swarm.failNext({ ...update, hangMs: 60_000 }),
    () => swarm.failNext({ ...update, hangMs: 60_000, afterApplying: true }),
    () => swarm.failNext({ ...anything, method: 'GET', status: 500, message: 'busy', times: 5 }),
    () => swarm.failNext({ ...anything, method: 'GET', hangMs: 60_000 }),
    // somebody else changes the service
    () => swarm.changeService(service, { labels: { ...bounds, note: `${random.next()}` } }),
    async () => {
      swarm.become('leaderless');
      await sleep(ms);
      swarm.become('manager');
    },
    async () => {
      swarm.changeService(service, { stuck: true });
      await sleep(ms);
      swarm.changeService(service, { stuck: false });
    },
  ])();
}

/** What the services of the storm say of their own bounds. */
export const bounds = { 'com.df.scaleMin': '2', 'com.df.scaleMax': '4' } as const;
