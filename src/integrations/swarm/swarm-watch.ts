import { messageOf } from '../../lib/errors.js';
import type { Logger } from '../../lib/logger.js';
import type { Metrics } from '../../lib/metrics.js';
import { TargetError } from '../contract/target-error.js';
import type { ShortService } from './answer.js';
import type { Swarm } from './client.js';
import type { SwarmNode } from './node-answer.js';
import type { SwarmNodes } from './nodes.js';

/** So many services that are short of tasks are asked why, in one look. */
const maxAsked = 20;

/**
 * Looks for nodes that are down and services whose tasks find no node, and exports them as metrics, for
 * the alerts in `prometheus/swarm.rules.yml`. One look costs two lists, and one more for each service that
 * is short of tasks. What cannot be looked at has no figures: old ones would tell of what may be over.
 */
export function createSwarmWatch({
  swarm,
  nodes,
  metrics,
  log,
  onNodes = () => {},
}: {
  readonly swarm: Pick<Swarm, 'servicesShort' | 'tasks'>;
  readonly nodes: Pick<SwarmNodes, 'nodes'>;
  readonly metrics: Pick<Metrics, 'nodeDown' | 'serviceUnschedulable'>;
  readonly log: Logger;
  /** Called with all nodes whenever they were read. */
  readonly onNodes?: (nodes: readonly SwarmNode[]) => void;
}) {
  let areNodesHidden = false;

  /** Throws `TargetError` where the Swarm does not answer. */
  return async function look(): Promise<void> {
    try {
      await lookAtServices();
    } catch (error) {
      metrics.serviceUnschedulable.reset();
      metrics.nodeDown.reset();
      throw error;
    }
    await lookAtNodes();
  };

  /** A proxy may show services and no nodes. */
  async function lookAtNodes(): Promise<void> {
    try {
      const all = await nodes.nodes();
      onNodes(all);
      const down = all.filter(({ state }) => state === 'down');
      metrics.nodeDown.reset();
      for (const { id, name } of down) metrics.nodeDown.set({ node: id, name }, 1);
      if (areNodesHidden) log.warn('nodes of the Swarm readable again');
      areNodesHidden = false;
    } catch (error) {
      metrics.nodeDown.reset();
      if (!areNodesHidden) {
        log.warn({ fault: messageOf(error) }, 'nodes of the Swarm not readable');
      }
      areNodesHidden = true;
    }
  }

  async function lookAtServices(): Promise<void> {
    const short = (await swarm.servicesShort()).slice(0, maxAsked);
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
    const problems = await problemsOf(id);
    const homeless = problems.filter((problem) => problem.startsWith('no suitable node'));
    if (homeless.length === 0) return undefined;
    return homeless.some((problem) => noRoom.test(problem)) ? 'room' : 'fit';
  }

  /** What Swarm says of a service's tasks; nothing of a service that was removed meanwhile. */
  async function problemsOf(id: string): Promise<readonly string[]> {
    try {
      return (await swarm.tasks(id)).problems;
    } catch (error) {
      if (error instanceof TargetError && error.kind === 'not_found') return [];
      throw error;
    }
  }
}

/** What one more node of the same kind resolves. (swarmkit, manager/scheduler/filter.go) */
const noRoom = /insufficient resources|max replicas per node/;
