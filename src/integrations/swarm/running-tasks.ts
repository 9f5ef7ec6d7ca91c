import type { RunningTask } from '../../monitoring/described-service.js';
import { TargetError } from '../contract/target-error.js';

/** The tasks of services as far as they are targets of Prometheus. */
export interface TasksSeen {
  readonly running: readonly RunningTask[];
  /** The services of which a task is still to start. */
  readonly starting: ReadonlySet<string>;
}

/**
 * Reads the answer of `GET /tasks` for tasks that are to run.
 *
 * @throws TargetError `unavailable` if it is no list of tasks.
 */
export function readRunningTasks(answer: unknown): TasksSeen {
  if (!Array.isArray(answer)) throw unreadable('the tasks', 'list');
  const running: RunningTask[] = [];
  const starting = new Set<string>();
  for (const task of answer) {
    const [id, serviceId] = [field(task, 'ID'), field(task, 'ServiceID')];
    const status = field(task, 'Status');
    const state = field(status, 'State');
    if (typeof id !== 'string') throw unreadable('a task', 'ID');
    if (typeof serviceId !== 'string') throw unreadable('a task', 'ServiceID');
    if (typeof state !== 'string') throw unreadable('a task', 'Status.State');
    if (state !== 'running') {
      starting.add(serviceId);
      continue;
    }
    const nodeId = field(task, 'NodeID');
    if (typeof nodeId !== 'string') throw unreadable('a task', 'NodeID');
    running.push({
      id,
      serviceId,
      nodeId,
      networks: listOf(field(task, 'NetworksAttachments')).flatMap(networkIn),
      ports: listOf(field(field(status, 'PortStatus'), 'Ports')).flatMap(portIn),
    });
  }
  return { running, starting };
}

/** The routing mesh is left out: it carries what comes from outside. */
function networkIn(attachment: unknown): RunningTask['networks'] {
  const network = field(attachment, 'Network');
  const name = field(field(network, 'Spec'), 'Name');
  if (typeof name !== 'string' || field(field(network, 'Spec'), 'Ingress') === true) return [];
  const [address] = listOf(field(attachment, 'Addresses'));
  const isHost = name === 'host' || field(field(network, 'DriverState'), 'Name') === 'host';
  if (isHost) return [{ name, address: undefined }];
  return typeof address === 'string' ? [{ name, address: address.split('/')[0] }] : [];
}

/** The ports that the specification of a service publishes. */
export function publishedPorts(spec: unknown): RunningTask['ports'] {
  return listOf(field(field(spec, 'EndpointSpec'), 'Ports')).flatMap(portIn);
}

function portIn(port: unknown): RunningTask['ports'] {
  const [target, published] = [field(port, 'TargetPort'), field(port, 'PublishedPort')];
  if (typeof target !== 'number' || typeof published !== 'number') return [];
  const mode = field(port, 'PublishMode') === 'host' ? 'host' : 'ingress';
  return [{ target, published, mode }];
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function unreadable(what: string, missing: string): TargetError {
  return new TargetError(
    'unavailable',
    `Docker Swarm: the answer about ${what} has no usable ${missing}; check that DOCKER_HOST is a Docker Engine`,
  );
}
