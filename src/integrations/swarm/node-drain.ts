import { z } from 'zod';
import type { Action } from '../contract/action.js';
import { refused } from '../contract/refused.js';
import { TargetError } from '../contract/target-error.js';
import type { Swarm } from './client.js';
import { type Careful, carefulOn, giveBack, nextToEmpty, setByOthers } from './emptying.js';
import type { SwarmNode } from './node-answer.js';
import {
  availabilityChange,
  availabilityKinds,
  createNodeAvailability,
  type NodeTarget,
  nodeOf,
  nodeTarget,
} from './node-availability.js';
import { nodeParam } from './node-params.js';
import type { SwarmNodes } from './nodes.js';
import { restart } from './restart.js';
import { createRestarting } from './restarting.js';

const params = z.strictObject(nodeParam);

interface State {
  readonly node: SwarmNode;
  /** How many other nodes take tasks. */
  readonly others: number;
}

interface Seen {
  readonly node: SwarmNode;
  readonly careful: Careful;
}

/** `node.drain`: has the tasks of a node run elsewhere, and none come back. */
export function createNodeDrain({
  nodes,
  swarm,
}: {
  readonly nodes: SwarmNodes;
  readonly swarm: Swarm;
}): Action<z.infer<typeof params>, State, NodeTarget> {
  const availability = createNodeAvailability({ nodes, swarm });
  const restarting = createRestarting({ swarm });
  const effectOf = ({ target }: { readonly target: { readonly id: string } }) =>
    target.id.startsWith('swarm.service/') ? restarting.effect : availability;

  return {
    name: 'node.drain',
    summary: 'Drains a Swarm node: its tasks move to other nodes.',
    params,
    operations: [...availabilityKinds, restart],

    learn: ({ node }) => ({
      called: `drain ${node}`,
      does: `Drains ${node}`,
      target: node,
      params: [{ name: 'node', value: node }],
      guards: { cooldownMs: 60 * 60_000, limit: '2 per 1d' },
      tests: {
        before: { nodes: { [node]: {} } },
        effect: { key: 'nodes', name: node, does: 'drain' },
        idle: {
          shows: 'a node that is drained already stays as it is',
          targets: { nodes: { [node]: { availability: 'drain' } } },
          reason: 'at_bound',
        },
      },
    }),

    convergeWithinMs: (change) => effectOf(change).withinMs,

    async observe({ node: wanted }) {
      const node = await nodes.node(wanted);
      const others = (await nodes.nodes()).filter(
        ({ id, state, availability: has }) =>
          id !== node.id && state === 'ready' && has === 'active',
      );
      return {
        target: nodeTarget(node),
        size: node.availability,
        unit: 'availability',
        version: String(node.version),
        state: { node, others: others.length },
      };
    },

    plan(_params, { size, state: { node, others } }) {
      if (size === 'drain') {
        return { kind: 'at_bound', bound: 'max', detail: `node ${node.name} is drained already` };
      }
      if (others === 0) return refused(`node ${node.name}: no other node takes its tasks`);
      const availability = size === 'pause' ? 'pause' : 'active';
      return availabilityChange({ ...node, availability }, 'drain');
    },

    planTo(_params, { size, state: { node } }, to) {
      if (size === 'drain' && to === 'active') return availabilityChange(node, 'active');
      return refused(
        `node ${node.name} is not set from ${JSON.stringify(size)} to ${JSON.stringify(to)}`,
      );
    },

    apply: (change, sending) => effectOf(change).apply(change, sending),
    verify: (change, context) => effectOf(change).verify(change, context),

    sequence: {
      outline: () => undefined,

      async look(_context, plan): Promise<Seen> {
        const node = await nodeOf(nodes, plan);
        if (node === undefined) {
          throw new TargetError('not_found', `node ${plan.target.name} is no longer in the Swarm`);
        }
        const parts = { nodes, swarm, observe: restarting.observe };
        return { node, careful: await carefulOn(node, parts) };
      },

      next(_context, plan, done, { node, careful }: Seen) {
        const failed = done.find(({ converged }) => !converged);
        const why = failed?.seen ?? setByOthers(node, done);
        if (why !== undefined) return giveBack(node, done, why);
        const last = done.at(-1);
        if (last?.change.op.to === plan.op.to) return { kind: 'complete', detail: last.seen };
        return nextToEmpty(node, careful, done, restarting.next);
      },
    },
  };
}
