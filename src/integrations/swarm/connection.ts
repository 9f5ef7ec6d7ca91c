import Docker from 'dockerode';
import { InputError } from '../../lib/errors.js';
import { createCircuit } from '../contract/circuit.js';
import type { Environment } from '../contract/settings.js';
import { TargetError } from '../contract/target-error.js';
import { withDeadline } from '../contract/transport.js';
import { createBoundedAgent } from './bounded-agent.js';
import { type DockerHost, parseDockerHost } from './docker-host.js';
import { statusOf, swarmError } from './error.js';

/** Where a Swarm is and how long it gets to answer. */
export interface SwarmOptions {
  /** `DOCKER_HOST`; without it the socket `/var/run/docker.sock`. */
  readonly dockerHost: string | undefined;
  /** What each request gets from beginning to end; a first call makes two. */
  readonly timeoutMs: number;
  /** An answer that is longer is an error. */
  readonly maxAnswerBytes?: number;
  /** Where `DOCKER_TLS_VERIFY` and `DOCKER_CERT_PATH` are read (default: the environment of the process). */
  readonly env?: Environment;
}

/** The versions that were settled with the engine. */
export interface EngineVersions {
  readonly engineVersion: string;
  /** The version of the Engine API that is spoken with it. */
  readonly apiVersion: string;
}

/** One call to the engine; the signal is aborted when its time is up. */
type Use<T> = (docker: Docker, abortSignal: AbortSignal) => Promise<T>;

/** One manager of a Swarm. Every method throws `TargetError` and nothing else. */
export interface SwarmConnection {
  /** Settles the versions again. */
  renew(): Promise<EngineVersions>;
  /**
   * Makes one call, once.
   *
   * @param what for its error: `reading service web`
   * @param effect whether it is to change something: then a lost answer is `unknown`
   */
  call<T>(what: string, effect: 'read' | 'change', use: Use<T>): Promise<T>;
}

interface Open extends EngineVersions {
  readonly docker: Docker;
  /** The engine's address, for errors. */
  readonly where: string;
}

/** Ten thousand services take a third of it. */
const defaultMaxAnswerBytes = 64 * 1024 * 1024;

/** The oldest Engine API that knows jobs, which have to be told from services: Docker 20.10. */
const oldestApi = 41;

/**
 * Creates the way to a Swarm. Connects to nothing: the first call does, and settles the version of
 * the API with the engine. It is the engine's own newest, whatever that is, because an engine
 * silently drops those parts of a posted specification that are newer than the version of the
 * call, and a specification that lost a part restarts every container of its service.
 */
export function createSwarmConnection({
  dockerHost,
  timeoutMs,
  maxAnswerBytes = defaultMaxAnswerBytes,
  env = process.env,
}: SwarmOptions): SwarmConnection {
  const through = createCircuit({ system: 'Docker Swarm' });
  let open: Promise<Open> | undefined;

  async function connect(): Promise<Open> {
    const { text: where, connection } = hostOf(dockerHost, env);
    // A connection a request: a reused one that the engine just closed would turn an update that
    // was never sent into one whose outcome is unknown.
    const agent = createBoundedAgent(connection.protocol, maxAnswerBytes);
    const options = { ...connection, agent, headers: { Connection: 'close' } };
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

  function connection(): Promise<Open> {
    const opening = open ?? connect();
    open = opening;
    opening.catch(() => {
      if (open === opening) open = undefined;
    });
    return opening;
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
    async renew() {
      open = undefined;
      const { engineVersion, apiVersion } = await connection();
      return { engineVersion, apiVersion };
    },
    call: (what, effect, use) => through(() => callNow(what, effect, use)),
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
async function versionOf(docker: Docker, abortSignal: AbortSignal): Promise<EngineVersions> {
  // The options are missing in its types.
  const ask = docker.version as (options: { abortSignal: AbortSignal }) => Promise<unknown>;
  const answer = await ask.call(docker, { abortSignal });
  const { ApiVersion: apiVersion, Version: engineVersion } = answer as Record<string, unknown>;
  const minor = /^1\.(\d+)$/.exec(String(apiVersion))?.[1];
  if (minor === undefined) {
    throw new Error('the answer names no ApiVersion; check that it is a Docker Engine');
  }
  if (Number(minor) < oldestApi) {
    throw new TargetError(
      'invalid',
      `Docker ${engineVersion} speaks API ${apiVersion}; expected 1.${oldestApi} (Docker 20.10) or newer`,
    );
  }
  return { apiVersion: `1.${minor}`, engineVersion: String(engineVersion) };
}
