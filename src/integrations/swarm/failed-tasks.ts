import { TargetError } from '../contract/target-error.js';

/** One task of a service, as far as a person needs it to see why it fails. */
export interface TaskSeen {
  readonly id: string;
  readonly nodeId: string | undefined;
  /** What Swarm wants of it. */
  readonly desired: string;
  readonly state: string;
  /** When it came to that state, in milliseconds since the Unix epoch. */
  readonly atMs: number;
  /** What Swarm says; empty: nothing. */
  readonly error: string;
  /** `null`: it has none, because it never began or still runs. */
  readonly exitCode: number | null;
}

/**
 * Reads the answer of `GET /tasks` with all tasks of a service, those included that are over.
 *
 * @throws TargetError `unavailable` if it is no list of tasks.
 */
export function readTasksSeen(answer: unknown): readonly TaskSeen[] {
  if (!Array.isArray(answer)) throw unreadable('the tasks', 'list');
  return answer.map((task) => {
    const [id, nodeId, desired] = ['ID', 'NodeID', 'DesiredState'].map((name) => field(task, name));
    const status = field(task, 'Status');
    const state = field(status, 'State');
    const atMs = Date.parse(String(field(status, 'Timestamp')));
    const error = field(status, 'Err');
    const code = field(field(status, 'ContainerStatus'), 'ExitCode');
    if (typeof id !== 'string') throw unreadable('a task', 'ID');
    if (typeof desired !== 'string') throw unreadable('a task', 'DesiredState');
    if (typeof state !== 'string') throw unreadable('a task', 'Status.State');
    if (Number.isNaN(atMs)) throw unreadable('a task', 'Status.Timestamp');
    const isOver = state === 'failed' || state === 'complete' || state === 'shutdown';
    return {
      ...{ id, desired, state, atMs },
      nodeId: typeof nodeId === 'string' && nodeId !== '' ? nodeId : undefined,
      error: typeof error === 'string' ? error : '',
      exitCode: isOver && typeof code === 'number' ? code : null,
    };
  });
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
