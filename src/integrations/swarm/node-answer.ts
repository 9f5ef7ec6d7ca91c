import { TargetError } from '../contract/target-error.js';
import { readJson } from './answer.js';
import { textAt } from './json-text.js';

/** Whether a node takes tasks: new ones and those it has, only those it has, or none. */
export type Availability = 'active' | 'pause' | 'drain';

/** A node of a Swarm as it was read. */
export interface SwarmNode {
  readonly id: string;
  /** Its host's name, which another node (or an earlier life of this one) may have as well. */
  readonly name: string;
  /** `Version.Index`: an update made with it is refused if the node has changed since. */
  readonly version: number;
  readonly role: 'manager' | 'worker';
  readonly availability: Availability;
  /** `ready`, `down`, `unknown` or `disconnected`. */
  readonly state: string;
  /** The address by which the managers know it; `0.0.0.0` or empty where they do not. */
  readonly address: string;
  /** Its labels, and those of its engine, which are as trustworthy as the machine. */
  readonly labels: Readonly<Record<string, string>>;
  readonly engineLabels: Readonly<Record<string, string>>;
  /** When it joined, in milliseconds since the Unix epoch. */
  readonly createdAtMs: number;
  /** When its specification or its state last changed, in milliseconds since the Unix epoch. */
  readonly updatedAtMs: number;
}

/** A node that was read by itself. A change of it starts from its specification as Swarm wrote it. */
export interface InspectedNode {
  readonly node: SwarmNode;
  readonly specText: string;
}

/** A task that was given to a node. */
export interface NodeTask {
  readonly nodeId: string;
  readonly serviceId: string;
  /** What Swarm wants of it: `running`, `shutdown`, … */
  readonly desired: string;
  /** Whether it still uses the node: it runs, or is about to. */
  readonly alive: boolean;
  /** In milliseconds since the Unix epoch. */
  readonly updatedAtMs: number;
}

const availabilities = ['active', 'pause', 'drain'] as const;
/** (moby, api/types/swarm: TaskState) What is left are the states before and while it runs. */
const over = new Set(['complete', 'shutdown', 'failed', 'rejected', 'remove', 'orphaned']);

/**
 * Reads the answer of `GET /nodes`.
 *
 * @throws TargetError `unavailable` if it is no list, or one of the nodes cannot be read.
 */
export function readNodes(answer: unknown): readonly SwarmNode[] {
  if (!Array.isArray(answer)) throw unreadable('the nodes', 'list');
  return answer.map(readNode);
}

/**
 * Reads the text of the answer of `GET /nodes/{id}`.
 *
 * @throws TargetError `unavailable` if it is not what the Engine API describes.
 */
export function readInspectedNode(text: string): InspectedNode {
  const node = readNode(readJson(text, 'a node'));
  return { node, specText: textAt(text, ['Spec']) ?? '' };
}

function readNode(answer: unknown): SwarmNode {
  const id = field(answer, 'ID');
  const spec = field(answer, 'Spec');
  const description = field(answer, 'Description');
  const name = field(description, 'Hostname');
  const version = field(field(answer, 'Version'), 'Index');
  const role = field(spec, 'Role');
  const availability = availabilities.find((one) => one === field(spec, 'Availability'));
  const status = field(answer, 'Status');
  const state = field(status, 'State');
  const address = field(status, 'Addr');

  if (typeof id !== 'string' || id === '') throw unreadable('a node', 'ID');
  if (typeof version !== 'number' || !Number.isSafeInteger(version)) {
    throw unreadable(`node ${id}`, 'Version.Index');
  }
  if (role !== 'manager' && role !== 'worker') throw unreadable(`node ${id}`, 'Spec.Role');
  if (availability === undefined) throw unreadable(`node ${id}`, 'Spec.Availability');
  if (typeof state !== 'string' || state === '') throw unreadable(`node ${id}`, 'Status.State');
  return {
    id,
    // a node that has just been let in has not described itself yet
    name: typeof name === 'string' && name !== '' ? name : id,
    version,
    role,
    availability,
    state,
    address: typeof address === 'string' ? address : '',
    labels: labelsIn(field(spec, 'Labels')),
    engineLabels: labelsIn(field(field(description, 'Engine'), 'Labels')),
    createdAtMs: timeIn(answer, 'CreatedAt', `node ${id}`),
    updatedAtMs: timeIn(answer, 'UpdatedAt', `node ${id}`),
  };
}

/**
 * Reads the answer of `GET /tasks`, as far as it is about nodes.
 *
 * @throws TargetError `unavailable` if it is no list of tasks.
 */
export function readNodeTasks(answer: unknown): readonly NodeTask[] {
  if (!Array.isArray(answer)) throw unreadable('the tasks', 'list');
  return answer.map((task) => {
    const [nodeId, serviceId] = [field(task, 'NodeID'), field(task, 'ServiceID')];
    const desired = field(task, 'DesiredState');
    const state = field(field(task, 'Status'), 'State');
    if (typeof nodeId !== 'string') throw unreadable('a task', 'NodeID');
    if (typeof serviceId !== 'string') throw unreadable('a task', 'ServiceID');
    if (typeof desired !== 'string') throw unreadable('a task', 'DesiredState');
    if (typeof state !== 'string') throw unreadable('a task', 'Status.State');
    const updatedAtMs = timeIn(task, 'UpdatedAt', 'a task');
    return { nodeId, serviceId, desired, alive: !over.has(state), updatedAtMs };
  });
}

function timeIn(value: unknown, at: 'CreatedAt' | 'UpdatedAt', what: string): number {
  const atMs = Date.parse(String(field(value, at)));
  if (Number.isNaN(atMs)) throw unreadable(what, at);
  return atMs;
}

function labelsIn(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) return {};
  return value as Readonly<Record<string, string>>;
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
