import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { basename, dirname } from 'node:path';
import Docker, { type CreateServiceOptions } from 'dockerode';
import { usePart } from '../parts.js';
import { findBusybox, startDockerd } from './dockerd.js';

/** An engine that manages a Swarm, and what is on it for the tests. */
export interface DockerPart {
  /** As `DOCKER_HOST` takes it. */
  readonly dockerHost: string;
  /** An image that has `/bin/busybox`. */
  readonly image: string;
  /** What the names of the tests' services begin with; whatever does is removed at the end. */
  readonly prefix: string;
  /** The node that has the image. */
  readonly nodeId: string;
  /** The network namespace of an engine of our own; `undefined`: its addresses are reached from here. */
  readonly network?: string;
}

/** A service for one test. */
export interface TestService {
  readonly id: string;
  readonly name: string;
  /** How many of its tasks run. */
  running(): Promise<number>;
  remove(): Promise<void>;
}

/**
 * The engine at `DOCKER_HOST` or at the default socket if it manages a Swarm, else one of our own
 * with its data in `dir`. On an engine that is not ours nothing is touched but what we add.
 */
export async function findDocker(
  dir: string,
  log: (line: string) => void,
): Promise<{ readonly part: DockerPart; stop(): Promise<void> }> {
  const busybox = await findBusybox(log);
  const present = process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock';
  const own = (await managesSwarm(present)) ? undefined : await startDockerd(dir, log);
  const dockerHost = own === undefined ? present : `unix://${own.socketPath}`;
  try {
    const part = await furnish(dockerHost, busybox);
    return own === undefined
      ? { part, stop: () => clear(part) }
      : { part: { ...part, network: own.network }, stop: own.stop };
  } catch (error) {
    await own?.stop();
    throw error;
  }
}

/** A client of the tests' engine. */
export function dockerClient(): Docker {
  return connect(usePart('docker').dockerHost);
}

/** Starts a service that does nothing. Its name is `name` behind the prefix. Remove it at the end. */
export async function startService(options: {
  readonly name: string;
  readonly replicas: number;
  readonly labels?: Readonly<Record<string, string>>;
  /** How its tasks are replaced. */
  readonly update?: CreateServiceOptions['UpdateConfig'];
}): Promise<TestService> {
  const { image, prefix, nodeId } = usePart('docker');
  const client = dockerClient();
  const name = `${prefix}${options.name}`;
  const { id } = await client.createService({
    Name: name,
    Labels: { ...options.labels },
    Mode: { Replicated: { Replicas: options.replicas } },
    ...(options.update === undefined
      ? {}
      : { UpdateConfig: options.update, RollbackConfig: options.update }),
    TaskTemplate: {
      ContainerSpec: {
        Image: image,
        Command: ['/bin/busybox', 'sleep', '86400'],
        // sleep does not heed SIGTERM as a container's first process
        StopGracePeriod: 100_000_000,
      },
      Placement: { Constraints: [`node.id==${nodeId}`] },
    },
  });
  return {
    id,
    name,
    async running() {
      const filters = { service: [id], 'desired-state': ['running'] };
      const tasks = await client.listTasks({ filters: JSON.stringify(filters) });
      return tasks.filter((task) => task.Status?.State === 'running').length;
    },
    async remove() {
      await client.getService(id).remove();
    },
  };
}

/** `DOCKER_HOST` wins over a socket's path in dockerode, so it is left to find that one itself. */
function connect(dockerHost: string): Docker {
  if (dockerHost === process.env.DOCKER_HOST) return new Docker({ timeout: 20_000 });
  const socketPath = dockerHost.replace('unix://', '');
  return new Docker({ socketPath, host: undefined, protocol: 'http', timeout: 20_000 });
}

async function managesSwarm(dockerHost: string): Promise<boolean> {
  try {
    const info = await connect(dockerHost).info();
    return info.Swarm?.ControlAvailable === true;
  } catch {
    return false;
  }
}

/** Puts an image for the tests onto an engine. */
async function furnish(dockerHost: string, busybox: string): Promise<DockerPart> {
  const client = connect(dockerHost);
  const run = randomBytes(4).toString('hex');
  const image = `jidoka-test/busybox:${run}`;
  const nodeId = (await client.info()).Swarm.NodeID;
  await importImage(client, busybox, image);
  return { dockerHost, image, prefix: `jidoka-test-${run}-`, nodeId };
}

/** Takes what is ours off an engine that is not. */
async function clear(part: DockerPart): Promise<void> {
  const client = connect(part.dockerHost);
  const services = await client.listServices({ filters: { name: [part.prefix] } });
  await Promise.all(services.map((service) => client.getService(service.ID).remove()));
  await client.getImage(part.image).remove({ force: true });
}

export async function importImage(client: Docker, busybox: string, image: string): Promise<void> {
  const [repo, tag] = image.split(':');
  const tar = spawn('tar', [
    ...['--create', '--dereference', '--transform', 's,^,bin/,'],
    ...['--directory', dirname(busybox), basename(busybox)],
  ]);
  const answer = await client.importImage(tar.stdout, { repo, tag });
  await new Promise<void>((resolve, reject) => {
    client.modem.followProgress(answer, (error) => (error ? reject(error) : resolve()));
  });
}
