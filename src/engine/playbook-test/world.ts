import type { PlaybookTest, PlaybookTests } from '../../playbook/test/schema.js';
import type { Reaction, World } from '../rehearse/world.js';

/** So many targets of each kind that a share of the fleet never is what a test runs into unawares. */
const fleetSize = 1_000;

/** The targets that a test finds: its own, and those of its file. */
export function worldOf(file: PlaybookTests, test: PlaybookTest): World {
  const services = new Map(Object.entries({ ...file.services, ...test.services }));
  const groups = new Map(Object.entries({ ...file.groups, ...test.groups }));
  const addresses = new Map(Object.entries({ ...file.addresses, ...test.addresses }));
  return {
    service(name) {
      const found = services.get(name);
      if (found === undefined) return undefined;
      const { replicas, labels, mode, rollout } = found;
      return { replicas, labels, mode, updateState: rollout, reaction: reactionOf(found) };
    },
    group(name) {
      const found = groups.get(name);
      if (found === undefined) return undefined;
      const { desired, min, max, suspended } = found;
      return { desired, min, max, suspended, reaction: reactionOf(found) };
    },
    serviceNames: () => [...services.keys()],
    nodes: () =>
      Object.entries({ ...file.nodes, ...test.nodes }).map(([name, node]) => ({ name, ...node })),
    reply: (address) => addresses.get(address)?.replies,
    fleetSize: () => fleetSize,
  };
}

type Answering = PlaybookTest['services'][string] | PlaybookTest['groups'][string];

function reactionOf({ replies, takes }: Answering): Reaction {
  switch (replies) {
    case 'converges':
      return { kind: 'converge', afterMs: takes };
    case 'stuck':
      return { kind: 'stuck' };
    case 'fails':
      return { kind: 'fail' };
    case 'refuses':
      return { kind: 'refuse' };
    case 'unavailable':
      return { kind: 'unavailable' };
  }
}
