import { TargetError } from '../contract/target-error.js';
import { createSwarmConnection, type SwarmOptions } from './connection.js';
import { postText, readText } from './docker-text.js';
import { withValueAt } from './json-text.js';
import {
  type Availability,
  type NodeTask,
  readInspectedNode,
  readNodes,
  readNodeTasks,
  type SwarmNode,
} from './node-answer.js';
import { nodeAmong } from './node-reference.js';

/** The nodes of a Swarm, through one of its managers. Every method throws `TargetError` and nothing else. */
export interface SwarmNodes {
  /** Reads all nodes. */
  nodes(): Promise<readonly SwarmNode[]>;
  /**
   * Finds one node by its id, its host's name or its address. Of several by that name the one that is not
   * down is meant.
   */
  node(reference: string): Promise<SwarmNode>;
  /** Sets the availability of a node that was read, once, and only if it has not changed since (else `stale`). */
  setAvailability(node: SwarmNode, availability: Availability): Promise<void>;
  /** Removes a node that was read from the Swarm, once. Swarm refuses that while the node is up (`busy`). */
  remove(node: SwarmNode): Promise<void>;
  /** Reads the tasks that were given to nodes, those included that are over and not forgotten yet. */
  tasksOn(nodeIds: readonly string[]): Promise<readonly NodeTask[]>;
}

/** Creates a client of a Swarm's nodes. Connects to nothing: the first call does. */
export function createSwarmNodes(options: SwarmOptions): SwarmNodes {
  const { call } = createSwarmConnection(options);

  async function nodes(): Promise<readonly SwarmNode[]> {
    const answer = await call('listing the nodes', 'read', (docker, abortSignal) =>
      docker.listNodes({ abortSignal }),
    );
    return readNodes(answer);
  }

  return {
    nodes,

    node: async (wanted) => nodeAmong(await nodes(), wanted),

    async setAvailability({ id, name, version }, availability) {
      const answer = await call(`reading node ${name}`, 'read', (docker, abortSignal) =>
        readText(docker, `/nodes/${id}`, abortSignal),
      );
      const { node, specText } = readInspectedNode(answer);
      if (node.version !== version) {
        throw new TargetError('stale', `node ${name} has changed since it was read`);
      }
      const wanted = withValueAt(specText, ['Availability'], availability);
      await call(`setting node ${name} to ${availability}`, 'change', (docker, abortSignal) =>
        postText(docker, `/nodes/${id}/update`, { version }, wanted, abortSignal),
      );
    },

    async remove({ id, name }) {
      await call(`removing node ${name}`, 'change', (docker, abortSignal) =>
        docker.getNode(id).remove({ abortSignal }),
      );
    },

    async tasksOn(nodeIds) {
      if (nodeIds.length === 0) return [];
      const filters = { node: [...nodeIds] };
      const answer = await call('reading the tasks of nodes', 'read', (docker, abortSignal) =>
        docker.listTasks({ filters, abortSignal }),
      );
      return readNodeTasks(answer);
    },
  };
}
