import { z } from 'zod';
import type { Change } from '../contract/change.js';
import type { Effect } from '../contract/effect.js';
import { operationKind, operationOf } from '../contract/operation.js';
import { TargetError } from '../contract/target-error.js';
import type { SwarmNode } from './node-answer.js';
import { nodeOf, nodeTarget } from './node-availability.js';
import type { SwarmNodes } from './nodes.js';

/** Removes a node from the Swarm; `from` is its state, as the managers see it. */
export const nodeRemovalKind = operationKind({
  kind: 'remove',
  schema: z.strictObject({ kind: z.literal('remove'), from: z.string(), to: z.literal('removed') }),
  describe: (_op, name) => `remove node ${name} from the Swarm`,
  risk: () => 'Running tasks are interrupted.',
});

/** The change that removes a node from the Swarm. */
export function nodeRemoval(node: SwarmNode): Change {
  return {
    kind: 'change',
    target: nodeTarget(node),
    op: { kind: 'remove', from: node.state, to: 'removed' },
    version: String(node.version),
  };
}

/** Removes a node that is down from the Swarm. One that is up again, and every manager, stays. */
export function createNodeRemoval({ nodes }: { readonly nodes: SwarmNodes }): Effect {
  return {
    withinMs: 60_000,

    async apply(change) {
      const { from } = operationOf([nodeRemovalKind], change);
      const node = await nodeOf(nodes, change);
      if (node === undefined || node.state !== from) {
        const now = node === undefined ? 'it is gone' : `it is ${node.state}`;
        throw new TargetError(
          'stale',
          `node ${change.target.name} has changed since it was read: ${now}`,
        );
      }
      await nodes.remove(node);
    },

    async verify(change) {
      operationOf([nodeRemovalKind], change);
      const node = await nodeOf(nodes, change);
      const { name } = change.target;
      if (node === undefined) return { kind: 'converged', detail: `node ${name} is removed` };
      return { kind: 'differs', observed: node.state, detail: `node ${name} is still there` };
    },
  };
}
