import Docker from 'dockerode';
import { createSwarmSim, type SwarmSim } from '../../../../src/sim/swarm.js';
import { createManualClock, type ManualClock } from '../manual-clock.js';

/** The parts of the engine's answers that the tests read; dockerode leaves most of them untyped. */
export interface ServiceAnswer {
  ID: string;
  Version: { Index: number };
  Spec: { Name: string; Mode: { Replicated: { Replicas: number } }; [key: string]: unknown };
  PreviousSpec?: { Mode: { Replicated: { Replicas: number } } };
  UpdateStatus?: { State: string };
}

export interface TaskAnswer {
  ID: string;
  Slot?: number;
  Status: { State: string; Err?: string };
  DesiredState: string;
}

/** A simulated Swarm with three services, dockerode on it, and short ways to ask. */
export interface SwarmBench {
  clock: ManualClock;
  swarm: SwarmSim;
  docker: Docker;
  inspect(name: string): Promise<ServiceAnswer>;
  tasksOf(name: string, desired?: string): Promise<TaskAnswer[]>;
  scale(name: string, replicas: number, version?: number): Promise<void>;
  post(path: string, body: unknown): Promise<Response>;
}

/** Starts one, whose tasks take two seconds; whoever started it stops `swarm`. */
export async function startSwarmBench(): Promise<SwarmBench> {
  const clock = createManualClock();
  const swarm = createSwarmSim({ clock, convergeMs: 2000 });
  swarm.addService({ name: 'shop_web', labels: { 'com.df.scaleMax': '5', team: 'shop' } });
  swarm.addService({ name: 'shop_agent', mode: 'global' });
  swarm.addService({ name: 'report', mode: 'replicated-job' });
  await swarm.start();
  const docker = dockerOf(swarm);

  const inspect = async (name: string) =>
    (await docker.getService(name).inspect()) as unknown as ServiceAnswer;

  return {
    clock,
    swarm,
    docker,
    inspect,
    tasksOf: async (name, desired) =>
      (await docker.listTasks({
        filters: { service: [name], ...(desired && { 'desired-state': [desired] }) },
      })) as unknown as TaskAnswer[],
    async scale(name, replicas, version) {
      const { Spec, Version } = await inspect(name);
      await docker.getService(name).update({
        _query: { version: version ?? Version.Index },
        _body: { ...Spec, Mode: { Replicated: { Replicas: replicas } } },
      });
    },
    post: (path, body) =>
      fetch(`${swarm.url()}${path}`, { method: 'POST', body: JSON.stringify(body) }),
  };
}

/** dockerode on a simulated Swarm. */
export function dockerOf(swarm: SwarmSim, version?: string, timeoutMs?: number): Docker {
  const { hostname, port } = new URL(swarm.url());
  return new Docker({
    protocol: 'http',
    host: hostname,
    port,
    ...(version && { version }),
    ...(timeoutMs && { timeout: timeoutMs }),
  });
}
