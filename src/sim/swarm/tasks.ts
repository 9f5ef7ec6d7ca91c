import { imageOf, type Service, swarmId, type Task } from './service.js';

export interface TaskState {
  readonly state: 'pending' | 'preparing' | 'starting' | 'running' | 'complete';
  readonly desired: 'running' | 'complete' | 'remove';
  readonly error: string | undefined;
}

/** What it takes to move tasks: the time, how long a task takes, the nodes, and the next version. */
export interface TaskContext {
  readonly nowMs: number;
  readonly convergeMs: number;
  readonly nodeIds: readonly string[];
  nextVersion(): number;
}

/**
 * Brings a service's tasks up to now: as many as its spec wants, tasks without a node placed when
 * nothing hinders it any more, tasks that were told to go gone after `convergeMs`.
 */
export function reconcile(service: Service, context: TaskContext): void {
  const { nowMs, convergeMs } = context;
  service.tasks = service.tasks.filter(
    (task) => task.removedAtMs === undefined || nowMs < task.removedAtMs + convergeMs,
  );
  const live = service.tasks.filter((task) => task.removedAtMs === undefined);
  const places = wantedPlaces(service, context);
  const missing = places.filter((place) => !live.some((task) => placeOf(task) === place.key));
  for (const { slot, nodeId } of missing) {
    service.tasks.push({
      id: swarmId(),
      slot,
      nodeId,
      template: service.spec.TaskTemplate,
      createdAtMs: nowMs,
      iteration: service.iteration,
      version: context.nextVersion(),
      placedAtMs: undefined,
      removedAtMs: undefined,
    });
  }
  const wanted = new Set(places.map((place) => place.key));
  retire(
    live.filter((task) => !wanted.has(placeOf(task))),
    nowMs,
  );
  for (const task of service.tasks) {
    if (!service.stuck) task.placedAtMs ??= nowMs;
  }
}

/** Tells tasks to go. */
export function retire(tasks: readonly Task[], nowMs: number): void {
  for (const task of tasks) task.removedAtMs ??= nowMs;
}

/** What the Engine API would say of a task now. */
export function stateOf(service: Service, task: Task, context: TaskContext): TaskState {
  const job = 'ReplicatedJob' in service.spec.Mode;
  const desired = task.removedAtMs !== undefined ? 'remove' : job ? 'complete' : 'running';
  if (task.placedAtMs === undefined) {
    const nodes = context.nodeIds.length;
    const error = `no suitable node (insufficient resources on ${nodes} node${nodes === 1 ? '' : 's'})`;
    return { state: 'pending', desired, error };
  }
  if (service.brokenImage !== undefined && imageOf(task.template) === service.brokenImage) {
    return { state: 'starting', desired, error: undefined };
  }
  const there = context.nowMs >= task.placedAtMs + context.convergeMs;
  return {
    state: there ? (job ? 'complete' : 'running') : 'preparing',
    desired,
    error: undefined,
  };
}

/** Where a task belongs: its slot, or in a global service its node. */
interface Place {
  readonly key: number | string;
  readonly slot: number | undefined;
  readonly nodeId: string;
}

function placeOf(task: Task): number | string {
  return task.slot ?? task.nodeId;
}

function wantedPlaces(service: Service, { nodeIds }: TaskContext): Place[] {
  const { Mode } = service.spec;
  if ('Global' in Mode) {
    return nodeIds.map((nodeId) => ({ key: nodeId, slot: undefined, nodeId }));
  }
  const count =
    'Replicated' in Mode
      ? (Mode.Replicated.Replicas ?? 1)
      : (Mode.ReplicatedJob.TotalCompletions ?? 1);
  const firstSlot = 'Replicated' in Mode ? 1 : 0;
  return Array.from({ length: count }, (_, index) => ({
    key: index + firstSlot,
    slot: index + firstSlot,
    nodeId: nodeIds[index % nodeIds.length] ?? '',
  }));
}
