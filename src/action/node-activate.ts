import { z } from 'zod';
import type { Swarm } from '../target/swarm.js';
import type { SwarmNode } from '../target/swarm-node-answer.js';
import type { SwarmNodes } from '../target/swarm-nodes.js';
import type { Action } from './action.js';
import { availabilityChange, createNodeAvailability, nodeTarget } from './node-availability.js';
import { nodeParam } from './node-params.js';
import { refused } from './swarm-service.js';

const params = z.strictObject(nodeParam);

/** `node.activate`: lets a node that was drained or paused take tasks again. */
export function createNodeActivate({
  nodes,
  swarm,
}: {
  readonly nodes: SwarmNodes;
  readonly swarm: Swarm;
}): Action<z.infer<typeof params>, SwarmNode> {
  const { withinMs, apply, verify } = createNodeAvailability({ nodes, swarm });
  return {
    name: 'node.activate',
    summary: 'Lets a Swarm node that was drained or paused take tasks again.',
    params,
    convergeWithinMs: withinMs,

    async observe({ node: wanted }) {
      const node = await nodes.node(wanted);
      const { availability: size, version } = node;
      const unit = 'availabilities';
      return { target: nodeTarget(node), size, unit, version: String(version), state: node };
    },

    plan(_params, { size, state: node }) {
      if (size === 'active') {
        return { kind: 'at_bound', bound: 'max', detail: `node ${node.name} takes tasks already` };
      }
      return availabilityChange(node, 'active');
    },

    planTo: (_params, { target, size }, to) =>
      refused(`node ${target.name} is not set from ${size} to ${to}: that would drain it unasked`),

    apply,
    verify,
  };
}
