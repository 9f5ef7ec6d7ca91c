import { isLeft, isOpen, type SwarmNode } from './nodes.js';
import { programOf } from './program.js';
import { imageOf, type Service, swarmId, type Task } from './service.js';

export interface TaskState {
  readonly state:
    | 'pending'
    | 'preparing'
    | 'starting'
    | 'running'
    | 'complete'
    | 'failed'
    | 'shutdown';
  readonly desired: 'running' | 'complete' | 'remove' | 'shutdown';
  readonly error: string | undefined;
  /** When it came to this state. */
  readonly sinceMs: number;
  /** Of a container that has ended by itself. */
  readonly exitCode?: number;
}

/** What it takes to move tasks: the time, how long a task takes, the nodes, and the next version. */
export interface TaskContext {
  readonly nowMs: number;
  readonly convergeMs: number;
  readonly nodes: readonly SwarmNode[];
  /** How many tasks a node has. */
  load(nodeId: string): number;
  nextVersion(): number;
}

/**
 * Brings a service's tasks up to now: as many as its spec wants, tasks without a node placed when
 * nothing hinders it any more, tasks that were told to go gone after `convergeMs`.
 */
export function reconcile(service: Service, context: TaskContext): void {
  const { nowMs, convergeMs } = context;
  const left = new Set(context.nodes.filter(isLeft).map(({ id }) => id));
  const known = new Set(context.nodes.map(({ id }) => id));
  for (const task of service.tasks) {
    const isAway = left.has(task.nodeId) || !known.has(task.nodeId);
    if (task.removedAtMs !== undefined || task.placedAtMs === undefined || !isAway) continue;
    task.removedAtMs = nowMs;
    task.updatedAtMs = nowMs;
    task.isMoved = true;
  }
  service.tasks = service.tasks.filter(
    ({ removedAtMs, isMoved, nodeId }) =>
      removedAtMs === undefined ||
      nowMs < removedAtMs + convergeMs ||
      (isMoved === true && known.has(nodeId)),
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
      updatedAtMs: nowMs,
    });
  }
  const wanted = new Set(places.map((place) => place.key));
  retire(
    live.filter((task) => !wanted.has(placeOf(task))),
    nowMs,
  );
  for (const task of service.tasks) {
    if (task.placedAtMs !== undefined || service.stuck) continue;
    const node = task.slot === undefined ? task.nodeId : nodeFor(service, context);
    if (node === undefined) continue;
    task.nodeId = node;
    task.placedAtMs = nowMs;
  }
}

/** Whether the task uses the node. */
export function holds(task: Task, nodeId: string): boolean {
  return task.nodeId === nodeId && task.placedAtMs !== undefined && task.removedAtMs === undefined;
}

/** Where the next task goes: to the node that has fewest of the service, then the fewest at all. */
function nodeFor(service: Service, { nodes, load }: TaskContext): string | undefined {
  const own = (id: string) => service.tasks.filter((task) => holds(task, id)).length;
  const [first] = nodes
    .filter((node) => isOpen(node) && load(node.id) < (node.room ?? Number.POSITIVE_INFINITY))
    .map(({ id }) => ({ id, own: own(id), all: load(id) }))
    .sort((one, other) => one.own - other.own || one.all - other.all);
  return first?.id;
}

/** Tells tasks to go. */
export function retire(tasks: readonly Task[], nowMs: number): void {
  for (const task of tasks) task.removedAtMs ??= nowMs;
}

/** What the Engine API would say of a task now. */
export function stateOf(service: Service, task: Task, context: TaskContext): TaskState {
  const job = 'ReplicatedJob' in service.spec.Mode || runsOnce(task.template);
  if (task.isMoved === true && task.removedAtMs !== undefined) {
    const isOver = context.nowMs >= task.removedAtMs + context.convergeMs;
    const sinceMs = isOver ? task.removedAtMs : (task.placedAtMs ?? task.createdAtMs);
    return {
      state: isOver ? 'shutdown' : 'running',
      desired: 'shutdown',
      error: undefined,
      sinceMs,
    };
  }
  const desired = task.removedAtMs !== undefined ? 'remove' : job ? 'complete' : 'running';
  if (task.placedAtMs === undefined) {
    return { state: 'pending', desired, error: whyPending(context), sinceMs: task.createdAtMs };
  }
  if (service.brokenImage !== undefined && imageOf(task.template) === service.brokenImage) {
    return { state: 'starting', desired, error: undefined, sinceMs: task.placedAtMs };
  }
  const runsFromMs = task.placedAtMs + context.convergeMs;
  const { takesMs, exitCode } = programOf(task.template);
  const overAtMs = runsFromMs + takesMs;
  const now = { desired, error: undefined, sinceMs: task.placedAtMs } as const;
  if (context.nowMs < runsFromMs) return { ...now, state: 'preparing' };
  if (!job || context.nowMs < overAtMs) return { ...now, state: 'running' };
  const ended = { ...now, sinceMs: overAtMs, exitCode };
  if (exitCode === 0) return { ...ended, state: 'complete' };
  return { ...ended, state: 'failed', error: `task: non-zero exit (${exitCode})` };
}

/** Whether a task that has ended is left alone: it runs once. */
function runsOnce(template: Task['template']): boolean {
  const policy = template.RestartPolicy as { readonly Condition?: string } | undefined;
  return policy?.Condition === 'none';
}

/** In the words of the engine's scheduler. */
function whyPending({ nodes }: TaskContext): string {
  const open = nodes.filter(isOpen).length;
  const count = (many: number) => `${many} node${many === 1 ? '' : 's'}`;
  const reasons = [
    ...(open < nodes.length ? [`${count(nodes.length - open)} not available for new tasks`] : []),
    ...(open > 0 ? [`insufficient resources on ${count(open)}`] : []),
  ];
  return `no suitable node (${reasons.join('; ')})`;
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

function wantedPlaces(service: Service, { nodes }: TaskContext): Place[] {
  const { Mode } = service.spec;
  if ('Global' in Mode) {
    return nodes
      .filter((node) => !isLeft(node))
      .map(({ id }) => ({ key: id, slot: undefined, nodeId: id }));
  }
  const count =
    'Replicated' in Mode
      ? (Mode.Replicated.Replicas ?? 1)
      : (Mode.ReplicatedJob.TotalCompletions ?? 1);
  const firstSlot = 'Replicated' in Mode ? 1 : 0;
  return Array.from({ length: count }, (_, index) => ({
    key: index + firstSlot,
    slot: index + firstSlot,
    nodeId: '',
  }));
}
