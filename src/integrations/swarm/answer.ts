import type { ServiceSpec } from 'dockerode';
import { TargetError } from '../contract/target-error.js';
import { textAt } from './json-text.js';

/** The kinds of a Swarm service; only the first has a size that can be set. */
export type ServiceMode = 'replicated' | 'global' | 'replicated-job' | 'global-job';

/** A Swarm service as it was read. */
export interface SwarmService {
  readonly id: string;
  readonly name: string;
  /** `Version.Index`: an update made with it is refused if the service has changed since. */
  readonly version: number;
  readonly mode: ServiceMode;
  /** How many replicas are wanted; `undefined` for every mode but `replicated`. */
  readonly replicas: number | undefined;
  /** The labels of the service itself, and those that it gives its containers. */
  readonly labels: Readonly<Record<string, string>>;
  readonly containerLabels: Readonly<Record<string, string>>;
  /** `UpdateStatus.State`; `undefined` where no update was made or a scaling has cleared it. */
  readonly updateState: string | undefined;
  /** `Spec.TaskTemplate.ForceUpdate`: raising it replaces every task. */
  readonly forceUpdate: number;
  /** When it last changed, and when its last rollout began, in milliseconds since the Unix epoch. */
  readonly updatedAtMs?: number | undefined;
  readonly rolloutAtMs?: number | undefined;
  /** What a rollback goes back to: the specification before the last update. As secret as `spec`. */
  readonly previousSpec: ServiceSpec | undefined;
  /**
   * The whole specification, for reading: integers above 2^53 are rounded in it. It may hold secrets
   * (environment variables): never log or store it.
   */
  readonly spec: ServiceSpec;
}

/** A Swarm service that was read by itself. A change of it starts from its texts. */
export interface InspectedService extends SwarmService {
  /** The specification as Swarm wrote it, to be posted back. As secret as `spec`. */
  readonly specText: string;
  /** The same of `previousSpec`. */
  readonly previousSpecText: string | undefined;
}

/** The tasks of a service that Swarm wants to run. */
export interface TaskSummary {
  readonly running: number;
  /** The values of `ForceUpdate` with which those that run were started, each once. */
  readonly forceUpdates: readonly number[];
  /** The images of those that run, each once. */
  readonly images: readonly string[];
  /** How many are in each other state: `pending`, `preparing`, `starting`, … */
  readonly notRunning: Readonly<Record<string, number>>;
  /** What Swarm says about those that do not run (`no suitable node …`), each once. */
  readonly problems: readonly string[];
}

/** A service of which fewer tasks run than Swarm wants to run. */
export interface ShortService {
  readonly id: string;
  readonly name: string;
}

const modes = [
  ['Replicated', 'replicated'],
  ['Global', 'global'],
  ['ReplicatedJob', 'replicated-job'],
  ['GlobalJob', 'global-job'],
] as const;

/**
 * Reads the text of the answer of `GET /services/{id}`.
 *
 * @throws TargetError `unavailable` if it is not what the Engine API describes.
 */
export function readInspectedService(text: string): InspectedService {
  const service = readService(readJson(text, 'a service'));
  return {
    ...service,
    specText: textAt(text, ['Spec']) ?? '',
    previousSpecText:
      service.previousSpec === undefined ? undefined : textAt(text, ['PreviousSpec']),
  };
}

/**
 * Reads a service as `GET /services` lists it.
 *
 * @throws TargetError `unavailable` if it is not what the Engine API describes: a size that is
 * missing must never pass for a zero, or for the one that an update without it would mean.
 */
function readService(answer: unknown): SwarmService {
  const spec = field(answer, 'Spec');
  const id = field(answer, 'ID');
  const name = field(spec, 'Name');
  const version = field(field(answer, 'Version'), 'Index');
  const mode = modes.find(([key]) => isObject(field(field(spec, 'Mode'), key)))?.[1];
  const replicas = field(field(field(spec, 'Mode'), 'Replicated'), 'Replicas');
  const updateState = field(field(answer, 'UpdateStatus'), 'State');
  const previousSpec = field(answer, 'PreviousSpec');
  const forceUpdate = field(field(spec, 'TaskTemplate'), 'ForceUpdate') ?? 0;

  if (typeof id !== 'string' || id === '') throw unreadable('a service', 'ID');
  if (typeof name !== 'string' || name === '') throw unreadable(`service ${id}`, 'Spec.Name');
  if (!isCount(version)) throw unreadable(`service ${name}`, 'Version.Index');
  if (mode === undefined) throw unreadable(`service ${name}`, 'Spec.Mode');
  if (mode === 'replicated' && !isCount(replicas)) {
    throw unreadable(`service ${name}`, 'Spec.Mode.Replicated.Replicas');
  }
  if (!isCount(forceUpdate)) {
    throw unreadable(`service ${name}`, 'Spec.TaskTemplate.ForceUpdate');
  }
  return {
    id,
    name,
    version,
    mode,
    replicas: isCount(replicas) ? replicas : undefined,
    labels: labelsIn(spec),
    containerLabels: labelsIn(field(field(spec, 'TaskTemplate'), 'ContainerSpec')),
    updateState: typeof updateState === 'string' && updateState !== '' ? updateState : undefined,
    forceUpdate,
    updatedAtMs: timeIn(answer, 'UpdatedAt'),
    rolloutAtMs: timeIn(field(answer, 'UpdateStatus'), 'StartedAt'),
    previousSpec: isObject(previousSpec) ? (previousSpec as ServiceSpec) : undefined,
    spec: spec as ServiceSpec,
  };
}

/**
 * Reads the answer of `GET /services`.
 *
 * @throws TargetError `unavailable` if it is no list, or one of the services cannot be read.
 */
export function readServices(answer: unknown): readonly SwarmService[] {
  if (!Array.isArray(answer)) throw unreadable('the services', 'list');
  return answer.map(readService);
}

/**
 * Reads the answer of `GET /services?status=true`.
 *
 * @throws TargetError `unavailable` if it is no list of services with the numbers of their tasks.
 */
export function readShortServices(answer: unknown): readonly ShortService[] {
  if (!Array.isArray(answer)) throw unreadable('the services', 'list');
  return answer.flatMap((one) => {
    const { id, name, mode } = readService(one);
    if (mode !== 'replicated' && mode !== 'global') return [];
    const status = field(one, 'ServiceStatus');
    const [running, desired] = [field(status, 'RunningTasks'), field(status, 'DesiredTasks')];
    if (!isCount(running)) throw unreadable(`service ${name}`, 'ServiceStatus.RunningTasks');
    if (!isCount(desired)) throw unreadable(`service ${name}`, 'ServiceStatus.DesiredTasks');
    return running < desired ? [{ id, name }] : [];
  });
}

/**
 * Counts the answer of `GET /tasks`.
 *
 * @throws TargetError `unavailable` if it is no list of tasks.
 */
export function readTasks(answer: unknown): TaskSummary {
  if (!Array.isArray(answer)) throw unreadable('the tasks', 'a list');
  const notRunning: Record<string, number> = {};
  const forceUpdates = new Set<number>();
  const images = new Set<string>();
  const problems = new Set<string>();
  let running = 0;
  for (const task of answer) {
    const status = field(task, 'Status');
    const state = field(status, 'State');
    if (typeof state !== 'string') throw unreadable('a task', 'Status.State');
    if (state === 'running') {
      running += 1;
      const forceUpdate = field(field(task, 'Spec'), 'ForceUpdate') ?? 0;
      if (!isCount(forceUpdate)) throw unreadable('a task', 'Spec.ForceUpdate');
      forceUpdates.add(forceUpdate);
      const image = field(field(field(task, 'Spec'), 'ContainerSpec'), 'Image');
      if (typeof image === 'string') images.add(image);
      continue;
    }
    notRunning[state] = (notRunning[state] ?? 0) + 1;
    const problem = field(status, 'Err');
    if (typeof problem === 'string' && problem !== '') problems.add(problem);
  }
  return {
    running,
    forceUpdates: [...forceUpdates],
    images: [...images],
    notRunning,
    problems: [...problems],
  };
}

/** @throws TargetError `unavailable` if the text is no JSON. */
export function readJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable(what, 'JSON');
  }
}

function unreadable(what: string, missing: string): TargetError {
  return new TargetError(
    'unavailable',
    `Docker Swarm: the answer about ${what} has no usable ${missing}; check that DOCKER_HOST is a Docker Engine`,
  );
}

/** `undefined`: the answer does not say. */
function timeIn(value: unknown, name: string): number | undefined {
  const text = field(value, name);
  const atMs = typeof text === 'string' ? Date.parse(text) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : atMs;
}

function labelsIn(holder: unknown): Readonly<Record<string, string>> {
  return (field(holder, 'Labels') ?? {}) as Record<string, string>;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function field(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
