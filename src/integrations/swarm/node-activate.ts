import { z } from 'zod';
import type { Action } from '../contract/action.js';
import { refused } from '../contract/refused.js';
import type { Swarm } from './client.js';
import type { SwarmNode } from './node-answer.js';
import {
  availabilityChange,
  availabilityKinds,
  createNodeAvailability,
  type NodeTarget,
  nodeTarget,
} from './node-availability.js';
import { nodeParam } from './node-params.js';
import type { SwarmNodes } from './nodes.js';

const params = z.strictObject(nodeParam);

/** `node.activate`: lets a node that was drained or paused take tasks again. */
export function createNodeActivate({
  nodes,
  swarm,
}: {
  readonly nodes: SwarmNodes;
  readonly swarm: Swarm;
}): Action<z.infer<typeof params>, SwarmNode, NodeTarget> {
  const { withinMs, apply, verify } = createNodeAvailability({ nodes, swarm });
  return {
    name: 'node.activate',
    summary: 'Activates a Swarm node that was drained or paused, so that it accepts tasks again.',
    params,
    operations: availabilityKinds,
    convergeWithinMs: withinMs,

    async observe({ node: wanted }) {
      const node = await nodes.node(wanted);
      const { availability: size, version } = node;
      const unit = 'availability';
      return { target: nodeTarget(node), size, unit, version: String(version), state: node };
    },

    plan(_params, { size, state: node }) {
      if (size === 'active') {
        return { kind: 'at_bound', bound: 'max', detail: `node ${node.name} takes tasks already` };
      }
      return availabilityChange(node, 'active');
    },

    planTo: (_params, { target, size }, to) =>
      refused(
        `node ${target.name} is not set from ${JSON.stringify(size)} to ${JSON.stringify(to)}: that would drain it unasked`,
      ),

    apply,
    verify,
  };
}
