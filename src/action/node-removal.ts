import type { Change } from '../target/change.js';
import type { SwarmNode } from '../target/swarm-node-answer.js';
import type { SwarmNodes } from '../target/swarm-nodes.js';
import { TargetError } from '../target/target-error.js';
import type { Effect } from './effect.js';
import { nodeOf, nodeTarget } from './node-availability.js';

/** The change that removes a node from the Swarm. */
export function nodeRemoval(node: SwarmNode): Change {
  return {
    kind: 'change',
    target: nodeTarget(node),
    from: node.state,
    to: 'removed',
    unit: 'memberships',
    does: `remove node ${node.name} from the Swarm`,
    version: String(node.version),
  };
}

/** Removes a node that is down from the Swarm. One that is up again, and every manager, stays. */
export function createNodeRemoval({ nodes }: { readonly nodes: SwarmNodes }): Effect {
  return {
    withinMs: 60_000,

    async apply(change) {
      requireRemoval(change);
      const node = await nodeOf(nodes, change);
      if (node === undefined || node.state !== change.from) {
        const now = node === undefined ? 'it is gone' : `it is ${node.state}`;
        throw new TargetError(
          'stale',
          `node ${change.target.name} has changed since it was read: ${now}`,
        );
      }
      await nodes.remove(node);
    },

    async verify(change) {
      requireRemoval(change);
      const node = await nodeOf(nodes, change);
      const { name } = change.target;
      if (node === undefined) return { kind: 'converged', detail: `node ${name} is removed` };
      return { kind: 'differs', observed: node.state, detail: `node ${name} is still there` };
    },
  };
}

function requireRemoval({ target, to }: Change): void {
  if (to === 'removed') return;
  throw new TargetError('invalid', `${target.id} cannot be brought to ${to}`);
}
