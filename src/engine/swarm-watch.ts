import { messageOf } from '../errors.js';
import type { Logger } from '../logger.js';
import type { Metrics } from '../metrics.js';
import type { Swarm } from '../target/swarm.js';
import type { ShortService } from '../target/swarm-answer.js';
import type { SwarmNodes } from '../target/swarm-nodes.js';

/** So many services that are short of tasks are asked why, in one look. */
const mostAsked = 20;

/**
 * Looks for nodes that are down and services whose tasks find no node, and exports them as metrics, for
 * the alerts in `prometheus/swarm.rules.yml`. One look costs two lists, and one more for each service that
 * is short of tasks. Where a look fails, what was seen before stays.
 */
export function createSwarmWatch({
  swarm,
  nodes,
  metrics,
  log,
}: {
  readonly swarm: Pick<Swarm, 'servicesShort' | 'tasks'>;
  readonly nodes: Pick<SwarmNodes, 'nodes'>;
  readonly metrics: Pick<Metrics, 'nodeDown' | 'serviceUnschedulable'>;
  readonly log: Logger;
}) {
  let fault = '';

  /** Never throws: what is in the way is logged, once. */
  return async function look(): Promise<void> {
    try {
      await lookAtNodes();
      await lookAtServices();
      fault = '';
    } catch (error) {
      const now = messageOf(error);
      if (now !== fault) log.info({ fault: now }, 'the Swarm cannot be looked at');
      fault = now;
    }
  };

  async function lookAtNodes(): Promise<void> {
    const down = (await nodes.nodes()).filter(({ state }) => state === 'down');
    metrics.nodeDown.reset();
    for (const { id, name } of down) metrics.nodeDown.set({ node: id, name }, 1);
  }

  async function lookAtServices(): Promise<void> {
    const short = (await swarm.servicesShort()).slice(0, mostAsked);
    const found: { readonly service: string; readonly lacks: 'room' | 'fit' }[] = [];
    for (const service of short) {
      const lacks = await lackOf(service);
      if (lacks !== undefined) found.push({ service: service.name, lacks });
    }
    metrics.serviceUnschedulable.reset();
    for (const labels of found) metrics.serviceUnschedulable.set(labels, 1);
  }

  /** What a service's tasks wait for; `undefined`: they do not wait for a node. */
  async function lackOf({ id }: ShortService): Promise<'room' | 'fit' | undefined> {
    const { problems } = await swarm.tasks(id);
    const homeless = problems.filter((problem) => problem.startsWith('no suitable node'));
    if (homeless.length === 0) return undefined;
    return homeless.some((problem) => noRoom.test(problem)) ? 'room' : 'fit';
  }
}

/** What one more node of the same kind mends. (swarmkit, manager/scheduler/filter.go) */
const noRoom = /insufficient resources|max replicas per node/;
