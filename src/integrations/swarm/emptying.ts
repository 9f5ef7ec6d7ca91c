import type { Done, Next, Observation } from '../contract/action.js';
import type { Change } from '../contract/change.js';
import { TargetError } from '../contract/target-error.js';
import type { Swarm } from './client.js';
import type { SwarmNode } from './node-answer.js';
import {
  type AvailabilityOperation,
  availabilityChange,
  isAvailability,
  usesNode,
} from './node-availability.js';
import type { SwarmNodes } from './nodes.js';
import type { ServiceState } from './service-change.js';

/*
 * How a node gets empty without a service losing a replica that its own update settings would not have it
 * lose. Draining stops all tasks of a node at once, before others take their place. A service that is updated
 * "start-first", or fewer tasks at a time than it has there, has asked for the opposite: it leaves by an
 * update of its own, while the node takes nothing new.
 */

/** The services on a node that must not be stopped before they run elsewhere, as `swarm.restart` sees them. */
export type Careful = readonly Observation<ServiceState>[];

/** Reads which services on a node have to leave it by an update of their own. */
export async function carefulOn(
  node: SwarmNode,
  {
    nodes,
    swarm,
    observe,
  }: {
    readonly nodes: SwarmNodes;
    readonly swarm: Swarm;
    readonly observe: (params: { service: string }) => Promise<Observation<ServiceState>>;
  },
): Promise<Careful> {
  if (node.state !== 'ready') return [];
  const tasks = (await nodes.tasksOn([node.id])).filter((task) => usesNode(task, node));
  const careful: Observation<ServiceState>[] = [];
  for (const id of [...new Set(tasks.map(({ serviceId }) => serviceId))].sort()) {
    try {
      const { mode, spec } = await swarm.service(id);
      const { Order: order, Parallelism: atOnce = 0 } = spec.UpdateConfig ?? {};
      const here = tasks.filter(({ serviceId }) => serviceId === id).length;
      // 0 is all at once, as it is where nothing is said (swarmkit, orchestrator/update)
      const isCareful = order === 'start-first' || (atOnce > 0 && here > atOnce);
      if (mode === 'replicated' && isCareful) careful.push(await observe({ service: id }));
    } catch (error) {
      if (!(error instanceof TargetError) || error.kind !== 'not_found') throw error;
    }
  }
  return careful;
}

/** The next change towards an empty node, its draining being the last; or why not yet. */
export function nextToEmpty(
  node: SwarmNode,
  careful: Careful,
  done: readonly Done[],
  restart: (
    service: Observation<ServiceState>,
  ) => Change | { kind: 'wait'; detail: string } | undefined,
): Change | { readonly kind: 'wait'; readonly detail: string } {
  const isDone = (id: string) => done.some(({ change }) => change.target.id === id);
  for (const service of careful) {
    if (isDone(service.target.id)) continue;
    const next = restart(service);
    if (next === undefined) continue;
    if (node.availability === 'active') return availabilityChange(node, 'pause');
    return next;
  }
  return availabilityChange(node, 'drain');
}

/**
 * A node is not to get empty after all: it is set to what it was before, unless someone else has set it
 * meanwhile, and then the sequence ends with `why` and with how the node stands.
 *
 * @param work what was done with the node, and with nothing before it
 */
export function giveBack(node: SwarmNode, work: readonly Done[], why: string): Next {
  const [first, ...later] = setBy(work);
  const before = first?.from;
  const last = later.at(-1) ?? first;
  const isTried = later.some(({ to }) => to === before);
  const isOurs = last?.to === node.availability;
  if (before !== undefined && isOurs && !isTried && before !== node.availability) {
    return availabilityChange(node, before);
  }
  return { kind: 'failed', detail: `${why}; ${standing(node)}` };
}

/** Whether someone else has set a node since it was set last. */
export function setByOthers(node: SwarmNode, work: readonly Done[]): string | undefined {
  const last = setBy(work.filter(({ converged }) => converged)).at(-1);
  if (last === undefined || last.to === node.availability) return undefined;
  return `node ${node.name} was set to ${node.availability} outside this run`;
}

/** How a node stands that was to get empty, for a person. */
export function standing({ name, availability, state }: SwarmNode): string {
  if (availability !== 'active')
    return `node ${name} is set to ${availability}, and takes no tasks`;
  return state === 'ready'
    ? `node ${name} takes tasks`
    : `node ${name} is set to active, and is ${state}`;
}

function setBy(work: readonly Done[]): readonly AvailabilityOperation[] {
  return work.map(({ change }) => change.op).filter(isAvailability);
}
