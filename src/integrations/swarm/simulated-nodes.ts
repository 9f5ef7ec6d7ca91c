import { z } from 'zod';
import type { Clock } from '../../lib/clock.js';
import type { Effect, GivenTargets, SimulatedKind } from '../contract/simulation.js';
import { TargetError } from '../contract/target-error.js';
import type { SwarmNode } from './node-answer.js';
import { availabilityKinds } from './node-availability.js';
import { nodeAmong } from './node-reference.js';
import type { SwarmNodes } from './nodes.js';

const state = z.strictObject({
  state: z.enum(['ready', 'down']).default('ready').describe('Its state, as the managers see it.'),
  availability: z
    .enum(['active', 'pause', 'drain'])
    .default('active')
    .describe('Its availability for tasks.'),
});

type NodeState = z.output<typeof state>;

/** Nodes of the Swarm in playbook tests. */
export const simulatedNodes: SimulatedKind<NodeState> = {
  kind: 'swarm.node',
  one: 'node',
  summary:
    'Nodes of the Swarm, by name. A manager and the instances of the groups exist as nodes already.',
  state,
  operations: availabilityKinds,
  assume: () => ({ state: 'ready', availability: 'active' }),
};

interface Options {
  readonly given: GivenTargets<NodeState>;
  /** The machines of other integrations, and whether each has come up: those are nodes. */
  readonly machines: () => ReadonlyMap<string, boolean>;
  readonly clock: Clock;
  readonly onEffect: (effect: Effect) => void;
}

/** A manager that is always there. */
const manager = 'manager';

/**
 * Creates simulated nodes: a manager, those that are given, and one for each machine, named like it. They
 * have no tasks of their own.
 */
export function createSimulatedNodes({ given, machines, clock, onEffect }: Options): SwarmNodes {
  const nodes = new Map<string, SwarmNode>();
  /** The nodes that are given; what is done with the others belongs to their group. */
  const named = new Set(given.names());
  add(manager, 'manager', {});
  for (const name of named) add(name, 'worker', given.find(name) ?? {});

  function add(name: string, role: SwarmNode['role'], found: Partial<NodeState>): void {
    const times = { createdAtMs: clock.now(), updatedAtMs: clock.now() };
    const about = { id: name, name, version: 1, role, address: '', ...times };
    const empty = { labels: {}, engineLabels: {} };
    nodes.set(name, { ...about, ...empty, availability: 'active', state: 'ready', ...found });
  }

  function all(): readonly SwarmNode[] {
    const present = machines();
    for (const [name, isUp] of present) {
      if (isUp && !nodes.has(name)) add(name, 'worker', {});
    }
    for (const [name, node] of nodes) {
      const isGone = name !== manager && !named.has(name) && !present.has(name);
      if (isGone && node.state === 'ready') nodes.set(name, { ...node, state: 'down' });
    }
    return [...nodes.values()];
  }

  /** One that is asked for by its name, and is there by assumption. */
  function assume(name: string): void {
    all();
    const found = nodes.has(name) ? undefined : given.find(name);
    if (found === undefined) return;
    named.add(name);
    add(name, 'worker', found);
  }

  return {
    nodes: async () => all(),
    async node(wanted) {
      assume(wanted);
      return nodeAmong(all(), wanted);
    },
    tasksOn: async () => [],

    async setAvailability({ name, version }, availability) {
      const node = nodes.get(name);
      if (node?.version !== version) {
        throw new TargetError('stale', `node ${name} has changed since it was read`);
      }
      nodes.set(name, { ...node, availability, version: version + 1, updatedAtMs: clock.now() });
      if (!named.has(name)) return;
      const does = availability === 'active' ? 'activate' : availability;
      onEffect({ atMs: clock.now(), kind: 'swarm.node', name, takesMs: 0, does });
    },

    async remove({ name }) {
      nodes.delete(name);
    },
  };
}
