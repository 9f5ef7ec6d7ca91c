import type { Swarm } from '../../src/integrations/swarm/client.js';

/** A Swarm that knows these calls only; every other one fails the test. */
export function swarmOf(calls: Partial<Swarm>): Swarm {
  const unexpected = (name: string) => () => {
    throw new Error(`unexpected call of the Swarm: ${name}`);
  };
  return new Proxy(calls as Swarm, {
    get: (target, name) => Reflect.get(target, name) ?? unexpected(String(name)),
  });
}
