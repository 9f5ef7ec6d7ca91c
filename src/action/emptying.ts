import type { Change } from '../target/change.js';
import type { Swarm } from '../target/swarm.js';
import type { SwarmNode } from '../target/swarm-node-answer.js';
import type { SwarmNodes } from '../target/swarm-nodes.js';
import { TargetError } from '../target/target-error.js';
import type { Done, Observation } from './action.js';
import { availabilityChange, usesNode } from './node-availability.js';
import type { ServiceState } from './swarm-service.js';

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
