import { messageOf } from '../../lib/errors.js';
import type { TargetOf } from '../contract/change.js';
import type { EvidenceSource, FailedTask, TaskEvidence } from '../contract/evidence.js';
import { TargetError } from '../contract/target-error.js';
import type { Swarm } from './client.js';
import type { TaskSeen } from './failed-tasks.js';
import { nodesScope, swarmSystem } from './history.js';
import type { SwarmNodes } from './nodes.js';
import { isServiceName } from './service-name.js';

const maxFailures = 5;
const maxLogLines = 20;
const failing = new Set(['failed', 'rejected', 'orphaned']);

/** Says how the tasks of the service are that an alert is about. It reads a service, its tasks and the nodes. */
export function createSwarmEvidence({
  swarm,
  nodes,
}: {
  readonly swarm: Pick<Swarm, 'service' | 'serviceTasks' | 'taskLog'>;
  readonly nodes: Pick<SwarmNodes, 'nodes'>;
}): EvidenceSource {
  /** A proxy may hide the nodes. */
  async function nodeNames(): Promise<ReadonlyMap<string, string>> {
    try {
      return new Map((await nodes.nodes()).map(({ id, name }) => [id, name]));
    } catch {
      return new Map();
    }
  }

  async function logsOf(tasks: readonly TaskSeen[]): Promise<readonly string[]> {
    const newest = tasks.find(({ state }) => state === 'failed') ?? tasks[0];
    if (newest === undefined) return [];
    try {
      return await swarm.taskLog(newest.id, maxLogLines);
    } catch (error) {
      return [`The log could not be read: ${messageOf(error)}`];
    }
  }

  return {
    system: swarmSystem,
    scopes: [nodesScope],

    async targets({ labels, targets }) {
      const own = targets.filter(({ id }) => id.startsWith('swarm.service/'));
      const { service } = labels;
      if (own.length > 0 || !service || !isServiceName(service)) return own;
      try {
        const { id, name } = await swarm.service(service);
        return [{ id: `swarm.service/${id}`, name } satisfies TargetOf<'swarm.service'>];
      } catch (error) {
        // the label may be of services elsewhere
        if (error instanceof TargetError && error.kind === 'not_found') return [];
        throw error;
      }
    },

    async tasks(target, { logs }): Promise<TaskEvidence | null> {
      const [kind, id = ''] = target.id.split('/');
      if (kind !== 'swarm.service') return null;
      const [service, all, names] = await Promise.all([
        swarm.service(id),
        swarm.serviceTasks(id),
        nodeNames(),
      ]);
      const newest = [...all].sort((a, b) => b.atMs - a.atMs);
      const failed = newest.filter(({ state }) => failing.has(state));
      const waiting = newest.filter(
        ({ state, desired }) => state === 'pending' && desired === 'running',
      );
      return {
        name: service.name,
        running: all.filter(({ state, desired }) => state === 'running' && desired === 'running')
          .length,
        desired: service.replicas ?? null,
        failures: failed.slice(0, maxFailures).map(
          ({ nodeId, atMs, state, error, exitCode }): FailedTask => ({
            ...{ atMs, state, error, exitCode },
            node: nodeId === undefined ? null : (names.get(nodeId) ?? nodeId),
          }),
        ),
        failed: failed.length,
        problems: [...new Set(waiting.map(({ error }) => error).filter((text) => text !== ''))],
        ...(logs && { logs: await logsOf(newest) }),
      };
    },
  };
}
