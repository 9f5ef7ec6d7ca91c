import { z } from 'zod';
import type { Progress } from '../contract/action.js';
import type { Change, Operation, TargetOf } from '../contract/change.js';
import type { Effect } from '../contract/effect.js';
import { type OperationOf, operationKind, operationOf } from '../contract/operation.js';
import { TargetError } from '../contract/target-error.js';
import type { Swarm } from './client.js';
import type { Availability, NodeTask, SwarmNode } from './node-answer.js';
import type { SwarmNodes } from './nodes.js';
import { allRun, describeTasks } from './service-change.js';

/** A node of a Swarm, by its id. */
export type NodeTarget = TargetOf<'swarm.node'>;

const idPrefix = 'swarm.node/';
const availabilities = z.enum(['active', 'pause', 'drain']);
const risk = () => 'Running tasks are interrupted.';

const drain = operationKind({
  kind: 'drain',
  schema: z.strictObject({
    kind: z.literal('drain'),
    from: availabilities,
    to: z.literal('drain'),
  }),
  describe: (_op, name) => `drain ${name}`,
  risk,
});

const pause = operationKind({
  kind: 'pause',
  schema: z.strictObject({
    kind: z.literal('pause'),
    from: availabilities,
    to: z.literal('pause'),
  }),
  describe: (_op, name) => `put no more tasks on ${name}`,
  risk,
});

const activate = operationKind({
  kind: 'activate',
  schema: z.strictObject({
    kind: z.literal('activate'),
    from: availabilities,
    to: z.literal('active'),
  }),
  describe: (_op, name) => `take tasks on ${name}`,
  risk,
});

const kindOf = { active: 'activate', pause: 'pause', drain: 'drain' } as const;

/** The operations that set whether a node takes tasks. */
export const availabilityKinds = [drain, pause, activate] as const;

/** Sets whether a node takes tasks. */
export type AvailabilityOperation = OperationOf<(typeof availabilityKinds)[number]>;

/** What every change of a node has as its target. */
export function nodeTarget({ id, name }: SwarmNode): NodeTarget {
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
    op: { kind: kindOf[to], from: node.availability, to },
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
    throw new TargetError('not_found', `node ${change.target.name} is no longer in the Swarm`);
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

/** Whether a task still uses its node. The state of tasks on a node that is down is unknown. */
export function usesNode({ alive, desired }: NodeTask, { state }: SwarmNode): boolean {
  return state === 'down' ? desired === 'running' : alive;
}

/** Whether an operation sets whether a node takes tasks. */
export function isAvailability(op: Operation): op is AvailabilityOperation {
  return availabilityKinds.some(({ kind }) => kind === op.kind);
}

function wantedOf(change: Change): Availability {
  return operationOf<AvailabilityOperation>(availabilityKinds, change).to;
}
