import { z } from 'zod';
import type { Swarm } from '../target/swarm.js';
import type { SwarmNode } from '../target/swarm-node-answer.js';
import type { SwarmNodes } from '../target/swarm-nodes.js';
import { TargetError } from '../target/target-error.js';
import type { Action } from './action.js';
import { type Careful, carefulOn, giveBack, nextToEmpty, setByOthers } from './emptying.js';
import {
  availabilityChange,
  createNodeAvailability,
  nodeOf,
  nodeTarget,
} from './node-availability.js';
import { nodeParam } from './node-params.js';
import { createRestarting } from './restarting.js';
import { refused } from './swarm-service.js';

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
}): Action<z.infer<typeof params>, State> {
  const availability = createNodeAvailability({ nodes, swarm });
  const restarting = createRestarting({ swarm });
  const effectOf = ({ target }: { readonly target: { readonly id: string } }) =>
    target.id.startsWith('swarm.service/') ? restarting.effect : availability;

  return {
    name: 'node.drain',
    summary: 'Has the tasks of a Swarm node run on other nodes, and puts no more tasks on it.',
    params,
    convergeWithinMs: availability.withinMs,

    async observe({ node: wanted }) {
      const node = await nodes.node(wanted);
      const others = (await nodes.nodes()).filter(
        ({ id, state, availability: has }) =>
          id !== node.id && state === 'ready' && has === 'active',
      );
      return {
        target: nodeTarget(node),
        size: node.availability,
        unit: 'availabilities',
        version: String(node.version),
        state: { node, others: others.length },
      };
    },

    plan(_params, { size, state: { node, others } }) {
      if (size === 'drain') {
        return { kind: 'at_bound', bound: 'max', detail: `node ${node.name} is drained already` };
      }
      if (others === 0) return refused(`node ${node.name}: no other node takes its tasks`);
      return availabilityChange(
        { ...node, availability: size as SwarmNode['availability'] },
        'drain',
      );
    },

    planTo(_params, { size, state: { node } }, to) {
      if (size === 'drain' && to === 'active') return availabilityChange(node, 'active');
      return refused(`node ${node.name} is not set from ${size} to ${to}`);
    },

    apply: (change) => effectOf(change).apply(change),
    verify: (change) => effectOf(change).verify(change),

    sequence: {
      outline: () => undefined,
      withinMs: (change) => effectOf(change).withinMs,

      async look(_params, plan): Promise<Seen> {
        const node = await nodeOf(nodes, plan);
        if (node === undefined) {
          throw new TargetError(
            'not_found',
            `node ${plan.target.name} is not in the Swarm any more`,
          );
        }
        const parts = { nodes, swarm, observe: restarting.observe };
        return { node, careful: await carefulOn(node, parts) };
      },

      next(_params, plan, done, { node, careful }: Seen) {
        const failed = done.find(({ converged }) => !converged);
        const why = failed?.seen ?? setByOthers(node, done);
        if (why !== undefined) return giveBack(node, done, why);
        const last = done.at(-1);
        if (last?.change.to === plan.to) return { kind: 'complete', detail: last.seen };
        return nextToEmpty(node, careful, done, restarting.next);
      },
    },
  };
}
