import { networkLabel } from '../../announcements/parameters.js';
import type { Clock } from '../../lib/clock.js';
import { messageOf } from '../../lib/errors.js';
import type { Logger } from '../../lib/logger.js';
import type { DescribedWorld, KnownNode, RunningTask } from '../../monitoring/described-service.js';
import { isScraped } from '../../monitoring/scrape-labels.js';
import type { Swarm } from './client.js';
import type { SwarmNodes } from './nodes.js';
import type { SeenService } from './view.js';

/** How often tasks that change are looked at. */
const lookEveryMs = 1_000;
/** All tasks are read again this often: a task that ends makes no event of its service. */
const readAllEveryMs = 60_000;
/** After a change of a service its tasks are looked at for so long, and longer while some are still to start. */
const settleMs = 15_000;
const longestSettleMs = 10 * 60_000;
/** More services than this at a time are read as one list. */
const maxSingle = 50;

/**
 * Follows the running tasks of services that are scraped or announced with a scrape network: those of a service that has just changed every
 * second until they have settled, and all once a minute.
 *
 * @param options.describe called whenever something may have changed; with `null` when it cannot be seen
 */
export function createTaskWatch({
  swarm,
  nodes,
  clock,
  log,
  describe,
}: {
  readonly swarm: Pick<Swarm, 'runningTasks'>;
  readonly nodes: Pick<SwarmNodes, 'nodes'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly describe: (world: DescribedWorld | null) => void;
}) {
  let services: readonly SeenService[] | undefined;
  let tasks: readonly RunningTask[] = [];
  let known: readonly KnownNode[] = [];
  let readAtMs = Number.NEGATIVE_INFINITY;
  /** Services whose tasks change, with the time of their last event. */
  const unsettled = new Map<string, number>();
  /** Whether events may have been missed since all tasks were read. */
  let isAllDue = true;
  let startingBefore: ReadonlySet<string> = new Set();
  /** The services of which a task is still to start, as their tasks were last read. */
  let startingNow = new Set<string>();
  let fault = '';
  let stopped = false;

  /** To be called with all services, and the ids of those that changed; `all`: any may have. */
  function seen(all: readonly SeenService[], changed: ReadonlySet<string> | 'all'): void {
    services = all;
    if (changed === 'all') isAllDue = true;
    else for (const id of changed) unsettled.set(id, clock.now());
    if (isComplete()) tell();
    else void look();
  }

  /** To be called when the services cannot be seen. */
  function lost(): void {
    services = undefined;
    readAtMs = Number.NEGATIVE_INFINITY;
    describe(null);
  }

  /** Whether the tasks of all services have been read since they were lost. */
  function isComplete(): boolean {
    return readAtMs > Number.NEGATIVE_INFINITY || !(services ?? []).some(isWatched);
  }

  function tell(): void {
    if (services === undefined || stopped) return;
    const published = new Map(services.map(({ id, ports }) => [id, ports]));
    describe({
      services: services.map(({ described }) => described),
      tasks: tasks.map((task) => ({
        ...task,
        ports: [...task.ports, ...(published.get(task.serviceId) ?? [])],
      })),
      nodes: known,
      starting: services.flatMap(({ id }) => (startingNow.has(id) ? [id] : [])),
    });
  }

  async function readAll(): Promise<void> {
    const startedMs = clock.now();
    const { running, starting } = await swarm.runningTasks('all');
    await readNodes();
    tasks = running;
    startingNow = new Set(starting);
    readAtMs = startedMs;
    isAllDue = false;
    for (const id of starting) if (!startingBefore.has(id)) unsettled.set(id, startedMs);
    startingBefore = starting;
    settle(starting);
  }

  async function readSome(ids: readonly string[]): Promise<void> {
    const { running, starting } = await swarm.runningTasks(ids);
    const unknown = running.some(({ nodeId }) => known.every(({ id }) => id !== nodeId));
    if (unknown) await readNodes();
    tasks = [...tasks.filter(({ serviceId }) => !ids.includes(serviceId)), ...running];
    for (const id of ids) {
      if (starting.has(id)) startingNow.add(id);
      else startingNow.delete(id);
    }
    settle(starting);
  }

  /** A proxy may show tasks and no nodes: targets then have no node. */
  async function readNodes(): Promise<void> {
    try {
      known = (await nodes.nodes()).map(({ id, name, address, labels, engineLabels }) => {
        return { id, name, address, labels: { ...engineLabels, ...labels } };
      });
    } catch (error) {
      tellOnce(error, 'nodes of targets not readable');
    }
  }

  /** Leaves those alone whose tasks all run, some time after their last event. */
  function settle(starting: ReadonlySet<string>): void {
    const updating = new Set(
      (services ?? []).filter(({ updateState }) => updateState === 'updating').map(({ id }) => id),
    );
    for (const [id, atMs] of unsettled) {
      const forMs = starting.has(id) || updating.has(id) ? longestSettleMs : settleMs;
      if (clock.now() - atMs > forMs) unsettled.delete(id);
    }
  }

  /** Takes as many as are read at a time, and puts them behind the others. */
  function takeTurn(ids: readonly string[]): readonly string[] {
    const turn = [...unsettled].filter(([id]) => ids.includes(id)).slice(0, maxSingle);
    for (const [id, atMs] of turn) {
      unsettled.delete(id);
      unsettled.set(id, atMs);
    }
    return turn.map(([id]) => id);
  }

  let looking: Promise<void> | undefined;

  /** Looks at what may have changed, never twice at a time. */
  function look(): Promise<void> {
    looking ??= lookNow().finally(() => {
      looking = undefined;
    });
    return looking;
  }

  async function lookNow(): Promise<void> {
    if (services === undefined || stopped) return;
    const watched = services.filter(isWatched).map(({ id }) => id);
    if (watched.length === 0) {
      tasks = [];
      return;
    }
    const changing = watched.filter((id) => unsettled.has(id));
    const isDue = isAllDue || clock.now() - readAtMs >= readAllEveryMs;
    if (!isDue && changing.length === 0) return;
    try {
      if (isDue) await readAll();
      else await readSome(takeTurn(changing));
      fault = '';
      tell();
    } catch (error) {
      tellOnce(error, 'tasks of targets not readable');
      // what was read long ago is not shown as if it were so now
      if (clock.now() - readAtMs > 2 * readAllEveryMs) describe(null);
    }
  }

  function tellOnce(error: unknown, what: string): void {
    const now = messageOf(error);
    if (now !== fault) log.info({ fault: now }, what);
    fault = now;
  }

  const timer = setInterval(() => void look(), lookEveryMs);
  timer.unref();

  return {
    seen,
    lost,
    async stop(): Promise<void> {
      stopped = true;
      clearInterval(timer);
      await looking;
    },
  };
}

/** Announcements tell the addresses of tasks on a scrape network. */
function isWatched({ described: { labels } }: SeenService): boolean {
  return isScraped(labels) || labels[networkLabel] !== undefined;
}
