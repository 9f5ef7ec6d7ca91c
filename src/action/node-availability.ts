import type { Change, Quantity } from '../target/change.js';
import type { Swarm } from '../target/swarm.js';
import type { Availability, NodeTask, SwarmNode } from '../target/swarm-node-answer.js';
import type { SwarmNodes } from '../target/swarm-nodes.js';
import { TargetError } from '../target/target-error.js';
import type { Progress } from './action.js';
import type { Effect } from './effect.js';
import { allRun, describeTasks } from './swarm-service.js';

const idPrefix = 'swarm.node/';
/** What changes of an availability are counted in. */
export const availabilityUnit = 'availabilities';
const words = { active: 'take tasks on', pause: 'put no more tasks on', drain: 'drain' } as const;

/** What every change of a node has as its target. */
export function nodeTarget({ id, name }: SwarmNode) {
  return { id: `${idPrefix}${id}`, name };
}

/** Reads the node of a change; `undefined`: it is not in the Swarm any more. */
export async function nodeOf(nodes: SwarmNodes, change: Change): Promise<SwarmNode | undefined> {
  const { id } = change.target;
  if (!id.startsWith(idPrefix)) {
    throw new TargetError('invalid', `${id} is no node of a Swarm`);
  }
  return (await nodes.nodes()).find((node) => `${idPrefix}${node.id}` === id);
}

/** The change that sets the availability of a node. */
export function availabilityChange(node: SwarmNode, to: Availability): Change {
  return {
    kind: 'change',
    target: nodeTarget(node),
    from: node.availability,
    to,
    unit: availabilityUnit,
    does: `${words[to]} ${node.name}`,
    version: String(node.version),
  };
}

/**
 * Sets whether a node takes tasks. Draining is over when none of its tasks is left on it, and every service
 * that had one has as many running as it is to have.
 */
export function createNodeAvailability({
  nodes,
  swarm,
}: {
  readonly nodes: SwarmNodes;
  readonly swarm: Swarm;
}): Effect {
  async function present(change: Change): Promise<SwarmNode> {
    const node = await nodeOf(nodes, change);
    if (node !== undefined) return node;
    throw new TargetError('not_found', `node ${change.target.name} is not in the Swarm any more`);
  }

  async function drained(node: SwarmNode): Promise<Progress> {
    const tasks = await nodes.tasksOn([node.id]);
    const left = tasks.filter((task) => usesNode(task, node));
    // what the draining moved: whatever stopped before is not its doing
    const moved = tasks.filter(
      ({ desired, updatedAtMs }) => desired === 'shutdown' && updatedAtMs >= node.updatedAtMs,
    );
    const missing: string[] = [];
    let stuck = false;
    for (const id of new Set(moved.map(({ serviceId }) => serviceId))) {
      const service = await serviceIfAny(id);
      if (service?.mode !== 'replicated') continue;
      const running = await swarm.tasks(id);
      if (allRun(service, running)) continue;
      missing.push(describeTasks(service, running));
      stuck ||= running.problems.some((problem) => problem.startsWith('no suitable node'));
    }
    const count = `${left.length} ${left.length === 1 ? 'task is' : 'tasks are'} left on it`;
    const detail = [`node ${node.name}: ${count}`, ...missing].join('; ');
    if (left.length > 0) return { kind: 'converging', detail };
    if (missing.length === 0) return { kind: 'converged', detail };
    return { kind: stuck ? 'failed' : 'converging', detail };
  }

  async function serviceIfAny(id: string) {
    try {
      return await swarm.service(id);
    } catch (error) {
      if (error instanceof TargetError && error.kind === 'not_found') return undefined;
      throw error;
    }
  }

  return {
    withinMs: 10 * 60_000,

    async apply(change) {
      const to = wantedOf(change);
      const node = await present(change);
      if (String(node.version) !== change.version) {
        throw new TargetError('stale', `node ${node.name} has changed since it was read`);
      }
      await nodes.setAvailability(node, to);
    },

    async verify(change) {
      const to = wantedOf(change);
      const node = await present(change);
      const { name, availability, state } = node;
      if (availability !== to) {
        const detail = `node ${name} is set to ${availability}, not ${to}`;
        return { kind: 'differs', observed: availability, detail };
      }
      if (to === 'drain') return drained(node);
      const isThere = to === 'pause' || state === 'ready';
      const detail = `node ${name} is ${state}, and set to ${availability}`;
      return { kind: isThere ? 'converged' : 'converging', detail };
    },
  };
}

/** Whether a task still uses its node. Of a node that is down nobody knows how its tasks are. */
export function usesNode({ alive, desired }: NodeTask, { state }: SwarmNode): boolean {
  return state === 'down' ? desired === 'running' : alive;
}

/** Whether a state is one that a node can be set to. */
export function isAvailability(state: Quantity | undefined): state is Availability {
  return state === 'active' || state === 'pause' || state === 'drain';
}

function wantedOf({ target, to }: Change): Availability {
  if (isAvailability(to)) return to;
  throw new TargetError('invalid', `${target.id} cannot be set to ${to}`);
}
