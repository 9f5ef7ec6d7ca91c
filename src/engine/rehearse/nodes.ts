import type { Clock } from '../../clock.js';
import type { Ec2 } from '../../target/ec2.js';
import { nodeAmong } from '../../target/node-reference.js';
import type { SwarmNode } from '../../target/swarm-node-answer.js';
import type { SwarmNodes } from '../../target/swarm-nodes.js';
import { TargetError } from '../../target/target-error.js';
import type { Effect, World } from './world.js';

interface Options {
  readonly world: Pick<World, 'nodes'>;
  /** The instances of the groups that are known, and whether each has come up: those are nodes. */
  readonly instances: () => ReadonlyMap<string, boolean>;
  readonly clock: Clock;
  readonly onEffect: (effect: Effect) => void;
}

/** A manager that is always there. */
const manager = 'manager';

/**
 * The nodes of a world, behind what the actions know of them: a manager, those of the world, and one for each
 * instance of its groups, named like it. They have no tasks of their own.
 */
export function createRehearsedNodes({ world, instances, clock, onEffect }: Options) {
  const nodes = new Map<string, SwarmNode>();
  /** Those that the world names; what is done with the others belongs to their group. */
  const named = new Set<string>();
  add(manager, 'manager', {});
  for (const { name, ...node } of world.nodes?.() ?? []) {
    named.add(name);
    add(name, 'worker', node);
  }

  function add(
    name: string,
    role: SwarmNode['role'],
    given: Partial<Pick<SwarmNode, 'state' | 'availability'>>,
  ): void {
    const times = { createdAtMs: clock.now(), updatedAtMs: clock.now() };
    const about = { id: name, name, version: 1, role, address: '', ...times };
    const empty = { labels: {}, engineLabels: {}, spec: {} };
    nodes.set(name, { ...about, ...empty, availability: 'active', state: 'ready', ...given });
  }

  function all(): readonly SwarmNode[] {
    const present = instances();
    for (const [name, isUp] of present) {
      if (isUp && !nodes.has(name)) add(name, 'worker', {});
    }
    for (const [name, node] of nodes) {
      const isGone = name !== manager && !named.has(name) && !present.has(name);
      if (isGone && node.state === 'ready') nodes.set(name, { ...node, state: 'down' });
    }
    return [...nodes.values()];
  }

  const client: SwarmNodes = {
    nodes: async () => all(),
    node: async (wanted) => nodeAmong(all(), wanted),
    tasksOn: async () => [],

    async setAvailability({ name, version }, availability) {
      const node = nodes.get(name);
      if (node?.version !== version) {
        throw new TargetError('stale', `node ${name} has changed since it was read`);
      }
      nodes.set(name, { ...node, availability, version: version + 1, updatedAtMs: clock.now() });
      if (!named.has(name)) return;
      const does = availability === 'active' ? 'activate' : availability;
      onEffect({ atMs: clock.now(), kind: 'swarm.node', name, does });
    },

    async remove({ name }) {
      nodes.delete(name);
    },
  };

  /** Instances are named like their nodes, so that nobody has to be asked. */
  const ec2: Ec2 = { machines: async () => new Map() };

  return { client, ec2 };
}
