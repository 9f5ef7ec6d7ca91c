import { type Clock, systemClock } from '../lib/clock.js';
import { createFaults, type Fault } from './faults.js';
import { createSimServer, type SimReply, type SimRequest } from './http.js';
import { type ApiVersions, createEngineApi, type EngineRole, json } from './swarm/api.js';
import { createCluster, type ServicePatch, type SwarmUpdate } from './swarm/cluster.js';
import type { Machine, NodePatch, NodeSeed, NodeUpdate, SwarmNode } from './swarm/nodes.js';
import { EngineRefusal } from './swarm/refusal.js';
import { imageOf, replicasOf, type ServiceSeed, type UpdateState } from './swarm/service.js';
import { stateOf } from './swarm/tasks.js';

/** Which requests a fault strikes: `path` is matched against the path without version and query. */
interface WhichRequest {
  readonly method?: string;
  readonly path: RegExp;
}

/** A fault of the engine: its answer, or silence. */
export type SwarmFault = Fault<WhichRequest, { readonly status: number; readonly message: string }>;

/** How a service of the simulated Swarm stands. */
export interface SimulatedService {
  /** `null` for a service that has none (global, job). */
  readonly replicas: number | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly running: number;
  readonly image: string;
  readonly forceUpdate: number;
  readonly updateState: UpdateState | undefined;
}

/** A simulated Docker engine that is a manager of a Swarm, speaking the Engine API on loopback. */
export interface SwarmSim {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** `http://127.0.0.1:<port>`. */
  url(): string;
  /** The same address as `DOCKER_HOST` wants it: `tcp://127.0.0.1:<port>`. */
  dockerHost(): string;
  /** Puts a service in, its tasks running; returns its id. */
  addService(seed: ServiceSeed): string;
  /** Changes a service behind the caller's back; `version` moves on, `updates` does not record it. */
  changeService(name: string, patch: ServicePatch): void;
  removeService(name: string): void;
  /** The names of all services. */
  services(): readonly string[];
  /** The nodes as they stand now. */
  nodes(): readonly Readonly<SwarmNode>[];
  /** Changes a node behind the caller's back. */
  changeNode(hostname: string, patch: NodePatch): void;
  /** How a service stands now. Throws where there is none. */
  service(name: string): SimulatedService;
  /** Every update that took effect, oldest first. */
  readonly updates: readonly SwarmUpdate[];
  /** The names of all services that were created by a request, oldest first, also those that are gone. */
  readonly created: readonly string[];
  /** Every update of a node that took effect, oldest first. */
  readonly nodeUpdates: readonly NodeUpdate[];
  /** Every request that arrived, as `POST /v1.41/services/web/update?version=11`. */
  readonly requests: readonly string[];
  failNext(fault: SwarmFault): void;
  /** From now on the engine is a manager (the start), a manager without a leader, a worker, or in no Swarm. */
  become(role: EngineRole): void;
}

/**
 * A simulated Swarm, as strict as Docker Engine 20.10 was seen to be.
 *
 * @param options.convergeMs how long a new task takes to run, and a removed one to go; 0 (the default) is
 *   at once
 * @param options.nodes the nodes; one manager unless told
 * @param options.machines machines that run now and are workers besides, such as a group's instances: they
 *   join when they are first seen, and are down when they are not seen any more
 * @param options.versions what versions of the API it speaks; Engine 20.10's newest and the oldest that
 *   engines of its successors accept, unless told
 */
export function createSwarmSim(
  options: {
    readonly clock?: Clock;
    readonly convergeMs?: number;
    readonly nodes?: readonly NodeSeed[];
    readonly machines?: () => readonly Machine[];
    readonly versions?: ApiVersions;
  } = {},
): SwarmSim {
  const versions = options.versions ?? { min: '1.24', max: '1.41' };
  const cluster = createCluster({
    clock: options.clock ?? systemClock,
    convergeMs: options.convergeMs ?? 0,
    nodes: options.nodes ?? [{ hostname: 'simulated', role: 'manager' }],
    machines: options.machines ?? (() => []),
  });
  let role: EngineRole = 'manager';
  const api = createEngineApi({ cluster, versions, role: () => role });
  const requests: string[] = [];
  const faults = createFaults<WhichRequest, { status: number; message: string }, SimRequest>({
    hits: ({ method, path }, request) =>
      (method === undefined || method === request.method) && path.test(request.path),
    answer: ({ status, message }) => json(status, { message }),
  });

  function apply(request: SimRequest): SimReply {
    try {
      return api(request);
    } catch (error) {
      if (error instanceof EngineRefusal) return json(error.status, { message: error.message });
      throw error;
    }
  }

  const server = createSimServer({
    handle(request) {
      requests.push(`${request.method} ${request.url}`);
      const { asked, path } = splitVersion(request.path);
      const refusal = asked === undefined ? undefined : refuseVersion(asked, versions);
      const outcome =
        refusal ?? faults.around({ ...request, path }, () => apply({ ...request, path }));
      return 'hangMs' in outcome ? outcome : withEngineHeaders(outcome, versions);
    },
  });

  return {
    start: server.start,
    stop: server.stop,
    url: server.url,
    dockerHost: () => server.url().replace('http:', 'tcp:'),
    addService: cluster.addService,
    changeService: cluster.changeService,
    removeService: cluster.removeService,
    services: () => cluster.services().map(({ spec }) => spec.Name),
    nodes: cluster.nodes.all,
    nodeUpdates: cluster.nodes.updates,
    changeNode: cluster.nodes.change,
    updates: cluster.updates,
    created: cluster.created,
    requests,
    failNext: faults.failNext,
    become(next) {
      role = next;
    },
    service(name) {
      const service = cluster.find(name);
      const now = cluster.context();
      const running = service.tasks
        .map((task) => stateOf(service, task, now))
        .filter(({ state, desired }) => state === 'running' && desired === 'running');
      const { TaskTemplate } = service.spec;
      return {
        replicas: replicasOf(service.spec),
        labels: service.spec.Labels ?? {},
        running: running.length,
        image: imageOf(TaskTemplate),
        forceUpdate: Number(TaskTemplate.ForceUpdate ?? 0),
        updateState: service.updateStatus?.state,
      };
    },
  };
}

function splitVersion(path: string): { asked: string | undefined; path: string } {
  const match = /^\/v(\d+\.\d+)(\/.*)$/.exec(path);
  return match === null ? { asked: undefined, path } : { asked: match[1], path: match[2] ?? '/' };
}

/** Clients older than 1.24 get plain text, as they knew no other. */
function refuseVersion(asked: string, { min, max }: ApiVersions): SimReply | undefined {
  if (compare(asked, max) > 0) {
    const message = `client version ${asked} is too new. Maximum supported API version is ${max}`;
    return json(400, { message });
  }
  if (compare(asked, min) >= 0) return undefined;
  const message = `client version ${asked} is too old. Minimum supported API version is ${min}, please upgrade your client to a newer version`;
  if (compare(asked, '1.24') >= 0) return json(400, { message });
  return { status: 400, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: message };
}

function compare(one: string, other: string): number {
  const [major = 0, minor = 0] = one.split('.').map(Number);
  const [otherMajor = 0, otherMinor = 0] = other.split('.').map(Number);
  return major - otherMajor || minor - otherMinor;
}

function withEngineHeaders(reply: SimReply, { max }: ApiVersions): SimReply {
  const headers = {
    'api-version': max,
    'docker-experimental': 'false',
    ostype: 'linux',
    server: 'Docker/simulated (linux)',
  };
  return { ...reply, headers: { ...headers, ...reply.headers } };
}
