import { nodeAmong } from './node-reference.js';
import { createSwarmConnection, type SwarmOptions } from './swarm-connection.js';
import {
  type Availability,
  type NodeTask,
  readNodes,
  readNodeTasks,
  type SwarmNode,
} from './swarm-node-answer.js';

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

    async setAvailability({ id, name, version, spec }, availability) {
      const body = { ...spec, Availability: availability };
      await call(`setting node ${name} to ${availability}`, 'change', (docker, abortSignal) =>
        docker.getNode(id).update({ _query: { version }, _body: body, abortSignal }),
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
