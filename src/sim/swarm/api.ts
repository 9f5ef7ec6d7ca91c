import type { SimReply, SimRequest } from '../http.js';
import type { Cluster } from './cluster.js';
import { configView } from './configs.js';
import { passes, passesLabels, readFilters } from './filters.js';
import type { SwarmNode } from './nodes.js';
import { EngineRefusal } from './refusal.js';
import { modeName, type Service } from './service.js';
import { stateOf } from './tasks.js';
import { nodeView, serviceView, taskView } from './views.js';

/** What the engine is to its Swarm. Only a `manager` answers questions about services. */
export type EngineRole = 'manager' | 'leaderless' | 'worker' | 'inactive';

/** The oldest and the newest version of the API that an engine speaks. */
export interface ApiVersions {
  readonly min: string;
  readonly max: string;
}

const refusals = {
  leaderless: new EngineRefusal(
    500,
    "rpc error: code = Unknown desc = The swarm does not have a leader. It's possible that too few managers are online. Make sure more than half of the managers are online.",
  ),
  worker: new EngineRefusal(
    503,
    "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state. Please run this command on a manager node or promote the current node to a manager.",
  ),
  inactive: new EngineRefusal(
    503,
    'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
  ),
} as const;

/** Answers one request of the Docker Engine API; `request.path` without its version. */
export type EngineApi = (request: SimRequest) => SimReply;

/**
 * The endpoints: ping, version, info, services (list, inspect, create, update, remove, logs), configs (list,
 * create, remove), tasks and nodes (list, inspect, update, remove). What the engine has beyond these answers
 * 404 here.
 */
export function createEngineApi(options: {
  readonly cluster: Cluster;
  readonly versions: ApiVersions;
  readonly role: () => EngineRole;
}): EngineApi {
  const { cluster, versions } = options;

  function manager(): Cluster {
    const role = options.role();
    if (role !== 'manager') throw refusals[role];
    return cluster;
  }

  function listServices(query: URLSearchParams) {
    const filters = readFilters(query, ['id', 'name', 'label', 'mode']);
    return manager()
      .services()
      .filter(
        (service) =>
          passes(filters, 'id', (id) => service.id.startsWith(id)) &&
          passes(filters, 'name', (name) => service.spec.Name.startsWith(name)) &&
          passes(filters, 'mode', (mode) => mode === filterMode(service)) &&
          passesLabels(filters, service.spec.Labels ?? {}),
      )
      .map((service) => ({
        ...serviceView(service),
        ...(isTrue(query.get('status')) ? { ServiceStatus: tasksOf(service) } : {}),
      }));
  }

  function tasksOf(service: Service) {
    const now = cluster.context();
    const states = service.tasks.map((task) => stateOf(service, task, now));
    const wanted = states.filter(({ desired }) => desired === 'running');
    return {
      RunningTasks: wanted.filter(({ state }) => state === 'running').length,
      DesiredTasks: wanted.length,
    };
  }

  function listTasks(query: URLSearchParams) {
    const filters = readFilters(query, ['id', 'service', 'node', 'desired-state']);
    const asked = filters.get('service')?.map((idOrName) => manager().find(idOrName));
    // the engine looks each of them up
    for (const id of filters.get('node') ?? []) manager().nodes.find(id);
    const odd = filters.get('desired-state')?.find((state) => !desiredStates.includes(state));
    if (odd !== undefined) throw new EngineRefusal(500, `Invalid desired-state filter: '${odd}'`);
    const services = manager().services();
    const now = cluster.context();
    return (asked ?? services).flatMap((service) =>
      service.tasks
        .filter(
          (task) =>
            passes(filters, 'id', (id) => task.id.startsWith(id)) &&
            passes(filters, 'node', (id) => task.placedAtMs !== undefined && task.nodeId === id) &&
            passes(
              filters,
              'desired-state',
              (state) => state === stateOf(service, task, now).desired,
            ),
        )
        .map((task) => taskView(service, task, now)),
    );
  }

  function listNodes(query: URLSearchParams) {
    const filters = readFilters(query, ['id', 'name', 'role']);
    const nodes = manager().nodes.all();
    const leader = leaderOf(nodes);
    return nodes
      .filter(
        (node) =>
          passes(filters, 'id', (id) => node.id.startsWith(id)) &&
          passes(filters, 'name', (name) => node.hostname.startsWith(name)) &&
          passes(filters, 'role', (role) => node.role === role),
      )
      .map((node) => nodeView(node, node === leader));
  }

  function listConfigs(query: URLSearchParams) {
    const filters = readFilters(query, ['id', 'name', 'label']);
    return manager()
      .configs.all()
      .filter(
        ({ id, spec }) =>
          passes(filters, 'id', (wanted) => id.startsWith(wanted)) &&
          passes(filters, 'name', (name) => spec.Name.startsWith(name)) &&
          passesLabels(filters, spec.Labels ?? {}),
      )
      .map(configView);
  }

  function update(idOrName: string, { query, body }: SimRequest) {
    const rollback = query.get('rollback');
    if (rollback !== null && !['', 'none', 'previous'].includes(rollback)) {
      throw new EngineRefusal(500, `unrecognized rollback option ${rollback}`);
    }
    manager().update(idOrName, query.get('version'), body, rollback);
    return { Warnings: null };
  }

  return (request) => {
    const { method, path, query } = request;
    const at = path.split('/').slice(1).map(decodeURIComponent);
    const get = method === 'GET';
    if (path === '/_ping' && (get || method === 'HEAD')) return { status: 200, body: 'OK' };
    if (get && path === '/version') return json(200, versionView(versions));
    if (get && path === '/info') return json(200, infoView(cluster, options.role()));
    if (get && path === '/services') return json(200, listServices(query));
    if (get && path === '/tasks') return json(200, listTasks(query));
    if (get && path === '/nodes') return json(200, listNodes(query));
    if (get && path === '/configs') return json(200, listConfigs(query));
    if (method === 'POST' && path === '/configs/create') {
      return json(201, { ID: manager().configs.create(request.body) });
    }
    if (method === 'DELETE' && at[0] === 'configs' && at[1] !== undefined && at.length === 2) {
      manager().configs.remove(at[1]);
      return { status: 204, body: '' };
    }
    if (method === 'POST' && path === '/services/create') {
      return json(201, { ID: manager().createService(request.body) });
    }
    if (at[0] === 'services' && at[1] !== undefined) {
      if (get && at.length === 2) return json(200, serviceView(manager().find(at[1])));
      if (get && at.length === 3 && at[2] === 'logs') return logOf(manager().find(at[1]));
      if (method === 'DELETE' && at.length === 2) {
        manager().removeService(at[1]);
        return { status: 200, body: '' };
      }
      if (method === 'POST' && at.length === 3 && at[2] === 'update') {
        return json(200, update(at[1], request));
      }
    }
    if (at[0] === 'nodes' && at[1] !== undefined) {
      const { nodes } = manager();
      if (get && at.length === 2) {
        const node = nodes.find(at[1]);
        return json(200, nodeView(node, node === leaderOf(nodes.all())));
      }
      if (method === 'DELETE' && at.length === 2 && query.get('force') !== '1') {
        nodes.remove(at[1]);
        return { status: 200, body: '' };
      }
      if (method === 'POST' && at.length === 3 && at[2] === 'update') {
        nodes.update(at[1], query.get('version'), request.body);
        return { status: 200, body: '' };
      }
    }
    return json(404, { message: 'page not found' });
  };
}

/** The log of a service, in the frames of the engine: what it runs. */
function logOf({ spec }: Service): SimReply {
  const container = spec.TaskTemplate.ContainerSpec as { readonly Command?: readonly string[] };
  const line = `ran ${(container.Command ?? []).join(' ')}`.slice(0, 100);
  const frame = `\u0001\0\0\0\0\0\0${String.fromCharCode(line.length + 1)}${line}\n`;
  return { status: 200, body: frame };
}

/** An answer in the engine's form. */
export function json(status: number, body: unknown): SimReply {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: `${JSON.stringify(body)}\n`,
  };
}

function leaderOf(nodes: readonly SwarmNode[]): SwarmNode | undefined {
  return nodes.find((node) => node.role === 'manager');
}

/** How the engine reads a switch in an address. (moby, api/server/httputils) */
function isTrue(value: string | null): boolean {
  return !['', '0', 'no', 'false', 'none'].includes((value ?? '').toLowerCase().trim());
}

const desiredStates = ['running', 'shutdown', 'accepted', 'complete', 'remove'];

function filterMode(service: Service): string {
  const name = modeName(service.spec.Mode);
  return name === 'ReplicatedJob' ? 'replicated-job' : name.toLowerCase();
}

function versionView({ min, max }: ApiVersions) {
  return {
    Platform: { Name: '' },
    Version: 'simulated',
    ApiVersion: max,
    MinAPIVersion: min,
    Os: 'linux',
    Arch: 'amd64',
  };
}

function infoView(cluster: Cluster, role: EngineRole) {
  const nodes = cluster.nodes.all();
  const member = role !== 'inactive';
  const managers = nodes.filter((node) => node.role === 'manager');
  const control = role === 'manager' || role === 'leaderless';
  return {
    ID: 'SIMULATED',
    Name: nodes[0]?.hostname ?? '',
    ServerVersion: 'simulated',
    OSType: 'linux',
    Swarm: {
      NodeID: member ? (nodes[0]?.id ?? '') : '',
      NodeAddr: member ? '127.0.0.1' : '',
      LocalNodeState: member ? 'active' : 'inactive',
      ControlAvailable: control,
      Error: '',
      RemoteManagers: member
        ? managers.map(({ id }) => ({ NodeID: id, Addr: '127.0.0.1:2377' }))
        : null,
      ...(control ? { Nodes: nodes.length, Managers: managers.length } : {}),
    },
  };
}
