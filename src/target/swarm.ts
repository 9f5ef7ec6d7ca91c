import Docker from 'dockerode';
import { InputError } from '../errors.js';
import { createCircuit } from './circuit.js';
import { type DockerHost, type Environment, parseDockerHost } from './docker-host.js';
import { isServiceName } from './service-name.js';
import {
  readService,
  readServices,
  readTasks,
  type SwarmService,
  type TaskSummary,
} from './swarm-answer.js';
import { statusOf, swarmError } from './swarm-error.js';
import { TargetError } from './target-error.js';
import { withDeadline } from './transport.js';

/** What the engine said of itself. */
export interface SwarmCheck {
  readonly engineVersion: string;
  /** The version of the Engine API that is spoken with it. */
  readonly apiVersion: string;
  /** Always so: an engine that is no manager is an error. */
  readonly manager: true;
}

/** A Docker Swarm, through one of its managers. Every method throws `TargetError` and nothing else. */
export interface Swarm {
  /** Whether the engine answers, speaks a version that we know, and manages a Swarm. */
  check(): Promise<SwarmCheck>;
  /** Reads one service by its name or id. */
  service(nameOrId: string): Promise<SwarmService>;
  /** Reads all services. */
  services(): Promise<readonly SwarmService[]>;
  /** Sets the replicas of a service that was read, once, and only if it has not changed since (else `stale`). */
  scale(service: SwarmService, replicas: number): Promise<void>;
  /** Counts all services. */
  countServices(): Promise<number>;
  /** Counts the tasks of a service that Swarm wants to run. */
  tasks(serviceId: string): Promise<TaskSummary>;
}

export interface SwarmOptions {
  /** `DOCKER_HOST`; without it the socket `/var/run/docker.sock`. */
  readonly dockerHost: string | undefined;
  /** What each request gets from beginning to end; a first call makes two. */
  readonly timeoutMs: number;
  /** Where `DOCKER_TLS_VERIFY` and `DOCKER_CERT_PATH` are read; the process's own environment unless given. */
  readonly env?: Environment;
}

interface Connection {
  readonly docker: Docker;
  /** The engine's address, for errors. */
  readonly where: string;
  readonly engineVersion: string;
  readonly apiVersion: string;
}

/** The oldest Engine API that knows jobs, which have to be told from services: Docker 20.10. */
const oldestApi = 41;

/**
 * Creates a client of a Swarm. Connects to nothing: the first call does, and settles the version of
 * the API with the engine. It is the engine's own newest, whatever that is, because an engine
 * silently drops those parts of a posted specification that are newer than the version of the
 * call, and a specification that lost a part restarts every container of its service.
 */
export function createSwarm({ dockerHost, timeoutMs, env = process.env }: SwarmOptions): Swarm {
  const through = createCircuit({ system: 'Docker Swarm' });
  let open: Promise<Connection> | undefined;

  async function connect(): Promise<Connection> {
    const { text: where, connection } = hostOf(dockerHost, env);
    // A connection a request: a reused one that the engine just closed would turn an update that
    // was never sent into one whose outcome is unknown.
    const options = { ...connection, headers: { Connection: 'close' } };
    try {
      const version = await withDeadline(timeoutMs, (abortSignal) =>
        versionOf(new Docker(options), abortSignal),
      );
      const docker = new Docker({ ...options, version: `v${version.apiVersion}` });
      return { docker, where, ...version };
    } catch (error) {
      throw swarmError(error, { what: 'asking for its version', effect: 'read', where });
    }
  }

  function connection(): Promise<Connection> {
    const opening = open ?? connect();
    open = opening;
    opening.catch(() => {
      if (open === opening) open = undefined;
    });
    return opening;
  }

  type Use<T> = (docker: Docker, abortSignal: AbortSignal) => Promise<T>;

  function call<T>(what: string, effect: 'read' | 'change', use: Use<T>): Promise<T> {
    return through(() => callNow(what, effect, use));
  }

  async function callNow<T>(what: string, effect: 'read' | 'change', use: Use<T>): Promise<T> {
    const { docker, where } = await connection();
    try {
      return await withDeadline(timeoutMs, (abortSignal) => use(docker, abortSignal));
    } catch (error) {
      // No answer, or a request that it does not understand: it may be another engine by now.
      if ([undefined, 400].includes(statusOf(error))) open = undefined;
      throw swarmError(error, { what, effect, where });
    }
  }

  return {
    async check() {
      open = undefined;
      const { engineVersion, apiVersion } = await connection();
      // Any question about services does: whoever is no manager answers 503. This one finds none,
      // and needs no more of a socket proxy than the work itself.
      await call('looking whether it manages a Swarm', 'read', (docker, abortSignal) =>
        docker.listServices({ filters: { id: ['jidoka'] }, abortSignal }),
      );
      return { engineVersion, apiVersion, manager: true };
    },

    async service(nameOrId) {
      if (!isServiceName(nameOrId)) {
        throw new TargetError(
          'invalid',
          `"${nameOrId}" cannot be the name of a Swarm service: expected up to 63 letters, digits, - and _`,
        );
      }
      const answer = await call(`reading service ${nameOrId}`, 'read', (docker, abortSignal) =>
        docker.getService(nameOrId).inspect({ abortSignal }),
      );
      const service = readService(answer);
      // The engine also takes the beginning of an id, which an alert's label must not hit by chance.
      if (service.name === nameOrId || service.id === nameOrId) return service;
      throw new TargetError('not_found', `Docker Swarm: there is no service named "${nameOrId}"`);
    },

    async services() {
      const answer = await call('listing the services', 'read', (docker, abortSignal) =>
        docker.listServices({ abortSignal }),
      );
      return readServices(answer);
    },

    async scale(service, replicas) {
      if (service.mode !== 'replicated' || !Number.isSafeInteger(replicas) || replicas < 0) {
        throw new TargetError(
          'invalid',
          `service ${service.name} (${service.mode}) cannot be set to ${replicas} replicas`,
        );
      }
      const spec = service.spec;
      const replicated = { ...spec.Mode?.Replicated, Replicas: replicas };
      const body = { ...spec, Mode: { ...spec.Mode, Replicated: replicated } };
      await call(
        `setting service ${service.name} to ${replicas} replicas`,
        'change',
        (docker, abortSignal) =>
          docker
            .getService(service.id)
            .update({ _query: { version: service.version }, _body: body, abortSignal }),
      );
    },

    async countServices() {
      const answer = await call('counting services', 'read', (docker, abortSignal) =>
        docker.listServices({ abortSignal }),
      );
      if (!Array.isArray(answer)) {
        throw new TargetError('unavailable', 'Docker Swarm: the list of services is no list');
      }
      return answer.length;
    },

    async tasks(serviceId) {
      const filters = { service: [serviceId], 'desired-state': ['running'] };
      const answer = await call(
        `reading the tasks of service ${serviceId}`,
        'read',
        (docker, abortSignal) => docker.listTasks({ filters, abortSignal }),
      );
      return readTasks(answer);
    },
  };
}

function hostOf(dockerHost: string | undefined, env: Environment): DockerHost {
  try {
    return parseDockerHost(dockerHost, env);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new TargetError('invalid', error.message, { cause: error });
  }
}

/** Asks without a version in the path, which every engine answers. */
async function versionOf(docker: Docker, abortSignal: AbortSignal) {
  // The options are missing in its types.
  const ask = docker.version as (options: { abortSignal: AbortSignal }) => Promise<unknown>;
  const answer = await ask.call(docker, { abortSignal });
  const { ApiVersion: apiVersion, Version: engineVersion } = answer as Record<string, unknown>;
  const minor = /^1\.(\d+)$/.exec(String(apiVersion))?.[1];
  if (minor === undefined) {
    throw new Error('the answer names no ApiVersion; is this really a Docker Engine?');
  }
  if (Number(minor) < oldestApi) {
    throw new TargetError(
      'invalid',
      `Docker ${engineVersion} speaks API ${apiVersion}; expected 1.${oldestApi} (Docker 20.10) or newer`,
    );
  }
  return { apiVersion: `1.${minor}`, engineVersion: String(engineVersion) };
}
