import type Docker from 'dockerode';

interface TaskAnswer {
  readonly ID: string;
  readonly ServiceID: string;
  readonly NodeID?: string;
  readonly DesiredState: string;
  readonly Status: { readonly State: string };
}

/** What somebody sees who looks at services all the time. */
export type Watch = ReturnType<typeof watchServices>;

const everyMs = 100;
/** States that no task comes to by being moved in an orderly way. */
const harm = new Set(['failed', 'rejected', 'orphaned']);

/** Watches services of a Swarm: how many of their tasks run, and which of them are being updated. */
export function watchServices(docker: Docker, services: Readonly<Record<string, number>>) {
  const names = Object.keys(services);
  const least: Record<string, number> = {};
  const harmed = new Set<string>();
  const together = new Set<string>();
  let began = false;
  let stopped = false;

  const listed = async () => {
    const all = await docker.listServices();
    return all.map(({ ID, Spec, UpdateStatus }) => {
      const state = (UpdateStatus as { State?: string } | undefined)?.State;
      return { id: ID, name: Spec?.Name ?? '', isUpdating: state === 'updating' };
    });
  };
  const tasksOf = async () => (await docker.listTasks()) as unknown as TaskAnswer[];

  async function running(): Promise<Record<string, number>> {
    const [all, tasks] = await Promise.all([listed(), tasksOf()]);
    const count = (id: string | undefined) =>
      tasks.filter(({ ServiceID, Status }) => ServiceID === id && Status.State === 'running')
        .length;
    const idOf = (name: string) => all.find((one) => one.name === name)?.id;
    return Object.fromEntries(names.map((name) => [name, count(idOf(name))]));
  }

  async function look(): Promise<void> {
    const [now, all, tasks] = [await running(), await listed(), await tasksOf()];
    for (const [name, count] of Object.entries(now)) {
      least[name] = Math.min(least[name] ?? count, count);
    }
    for (const task of tasks) {
      if (harm.has(task.Status.State)) harmed.add(`${task.ID}: ${task.Status.State}`);
    }
    const updating = all.filter(({ isUpdating }) => isUpdating).map(({ name }) => name);
    if (updating.length > 1) together.add(updating.sort().join(' and '));
  }

  const watching = (async () => {
    while (!stopped) {
      if (began) await look();
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  })();

  return {
    /** From now on what is seen counts. */
    begin(): void {
      began = true;
    },
    /** How many tasks of each service run. */
    running,
    /** The fewest that ran at any time, by service. */
    least: () => ({ ...least }),
    /** The tasks that failed, were rejected or got lost. */
    harmed: () => [...harmed],
    /** The services that were updated at the same time. */
    together: () => [...together],
    /** The services of which a task runs on a node. */
    async servicesOn(nodeId: string): Promise<string[]> {
      const [all, tasks] = await Promise.all([listed(), tasksOf()]);
      const here = tasks.filter(
        ({ NodeID, Status }) => NodeID === nodeId && Status.State === 'running',
      );
      return all
        .filter(({ id }) => here.some(({ ServiceID }) => ServiceID === id))
        .map(({ name }) => name);
    },
    async stop(): Promise<void> {
      stopped = true;
      await watching;
    },
  };
}
