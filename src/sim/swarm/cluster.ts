import type { Clock } from '../../lib/clock.js';
import { type Configs, createConfigs } from './configs.js';
import { createNodes, type Machine, type NodeSeed, type Nodes } from './nodes.js';
import { EngineRefusal } from './refusal.js';
import { finishRollout, rollBack, takeSpec } from './rollout.js';
import {
  configsOf,
  replicasOf,
  type Service,
  type ServiceSeed,
  type ServiceSpec,
  specOf,
  swarmId,
  type UpdateState,
} from './service.js';
import { readSpec, readVersion, refuseForbiddenChange } from './spec.js';
import { holds, reconcile, type TaskContext } from './tasks.js';

/** A service update that the simulated Swarm took. */
export interface SwarmUpdate {
  readonly service: string;
  /** Replicas before and after; `null` for a service that has none (global, job). */
  readonly from: number | null;
  readonly to: number | null;
  /** The version the caller named, which was the current one. */
  readonly version: number;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

/** A change made behind the caller's back, as by another operator. */
export interface ServicePatch {
  readonly replicas?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly stuck?: boolean;
  readonly image?: string;
  readonly forceUpdate?: number;
  readonly brokenImage?: string;
  /** `null`: as if there had been no rolling update. */
  readonly updateState?: UpdateState | null;
}

/** The state of the simulated Swarm. Time passes only by looking: every look brings it up to now. */
export interface Cluster {
  readonly createdAtMs: number;
  readonly nodes: Nodes;
  readonly updates: readonly SwarmUpdate[];
  addService(seed: ServiceSeed): string;
  /** The names of all services that were created as the engine does, oldest first, also those that are gone. */
  readonly created: readonly string[];
  readonly configs: Configs;
  /** Takes a new service as the engine does; throws EngineRefusal with the engine's own words. */
  createService(body: string): string;
  /** Throws where there is no such service. */
  changeService(name: string, patch: ServicePatch): void;
  removeService(name: string): void;
  services(): readonly Service[];
  /** By full id, by name, then by a prefix of the id; throws EngineRefusal 404 as the engine would. */
  find(idOrName: string): Service;
  /** Takes an update as the engine does; throws EngineRefusal with the engine's own words. */
  update(idOrName: string, version: string | null, body: string, rollback: string | null): void;
  context(): TaskContext;
}

/**
 * Creates an empty simulated Swarm.
 *
 * @param options.convergeMs how long a task takes from being placed to running, and to go
 */
export function createCluster(options: {
  readonly clock: Clock;
  readonly convergeMs: number;
  readonly nodes: readonly NodeSeed[];
  readonly machines: () => readonly Machine[];
}): Cluster {
  const { clock, convergeMs } = options;
  const services: Service[] = [];
  const updates: SwarmUpdate[] = [];
  const created: string[] = [];
  const configs = createConfigs(
    () => clock.now(),
    (id) =>
      services.filter(({ spec }) => configsOf(spec).includes(id)).map(({ spec }) => spec.Name),
  );
  let lastVersion = 10;

  const nextVersion = () => ++lastVersion;
  const { now } = clock;
  const { nodes: seeds, machines } = options;
  const nodes = createNodes({ seeds, machines, now, nextVersion, onChange: bringUpToNow });
  const load = (nodeId: string) =>
    services.flatMap(({ tasks }) => tasks).filter((task) => holds(task, nodeId)).length;
  const context = (): TaskContext => ({
    nowMs: clock.now(),
    convergeMs,
    nodes: nodes.all(),
    load,
    nextVersion,
  });

  function bringUpToNow(): void {
    const now = context();
    for (const service of services) {
      reconcile(service, now);
      finishRollout(service, now);
    }
  }

  function find(idOrName: string): Service {
    bringUpToNow();
    const exact = services.find((one) => one.id === idOrName || one.spec.Name === idOrName);
    if (exact !== undefined) return exact;
    const [first, ...others] = services.filter((one) => one.id.startsWith(idOrName));
    if (first === undefined) throw new EngineRefusal(404, `service ${idOrName} not found`);
    if (others.length > 0) {
      const why = `service ${idOrName} is ambiguous (${others.length + 1} matches found)`;
      throw new EngineRefusal(400, why);
    }
    return first;
  }

  /** Puts a service in whose tasks have been there since `placedAtMs`. */
  function put(spec: ServiceSpec, seed: Partial<ServiceSeed>, placedAtMs: number): string {
    const now = context();
    const service: Service = {
      id: swarmId(),
      createdAtMs: now.nowMs,
      updatedAtMs: now.nowMs,
      version: nextVersion(),
      spec,
      previousSpec: undefined,
      updateStatus: statusOf(seed.updateState, now.nowMs),
      rollingSinceMs: undefined,
      iteration: 0,
      stuck: false,
      brokenImage: seed.brokenImage,
      tasks: [],
    };
    reconcile(service, { ...now, nowMs: placedAtMs });
    service.stuck = seed.stuck ?? false;
    services.push(service);
    return service.id;
  }

  function patchSpec(service: Service, patch: ServicePatch): void {
    const { replicas, labels, image, forceUpdate } = patch;
    if ([replicas, labels, image, forceUpdate].every((one) => one === undefined)) return;
    if (replicas !== undefined && replicasOf(service.spec) === null) {
      throw new Error(`The simulated service "${service.spec.Name}" has no replicas to change.`);
    }
    const template = service.spec.TaskTemplate;
    const spec = {
      ...service.spec,
      TaskTemplate: {
        ...template,
        ...(forceUpdate === undefined ? {} : { ForceUpdate: forceUpdate }),
        ...(image === undefined
          ? {}
          : { ContainerSpec: { ...(template.ContainerSpec as object), Image: image } }),
      },
      ...(labels === undefined ? {} : { Labels: labels }),
      ...(replicas === undefined ? {} : { Mode: { Replicated: { Replicas: replicas } } }),
    };
    takeSpec(service, spec, context());
  }

  return {
    createdAtMs: clock.now(),
    nodes,
    updates,
    context,
    find,
    services() {
      bringUpToNow();
      return services;
    },
    addService(seed) {
      if (services.some((one) => one.spec.Name === seed.name)) {
        throw new Error(`The simulated Swarm has a service "${seed.name}" already.`);
      }
      return put(specOf(seed), seed, clock.now() - convergeMs);
    },
    created,
    configs,
    createService(body) {
      const spec = readSpec(body);
      if (services.some((one) => one.spec.Name === spec.Name)) {
        const why = `rpc error: code = AlreadyExists desc = name conflicts with an existing object: service ${spec.Name} already exists`;
        throw new EngineRefusal(409, why);
      }
      created.push(spec.Name);
      return put(spec, {}, clock.now());
    },
    changeService(name, patch) {
      const service = find(name);
      if (patch.stuck !== undefined) service.stuck = patch.stuck;
      if (patch.brokenImage !== undefined) service.brokenImage = patch.brokenImage;
      patchSpec(service, patch);
      if (patch.updateState !== undefined) {
        service.updateStatus = statusOf(patch.updateState, clock.now());
        service.rollingSinceMs = undefined;
        service.version = nextVersion();
      }
      bringUpToNow();
    },
    removeService(name) {
      services.splice(services.indexOf(find(name)), 1);
    },
    update(idOrName, version, body, rollback) {
      const spec = readSpec(body);
      const named = readVersion(version);
      const service = find(idOrName);
      refuseForbiddenChange(service, spec);
      if (named !== service.version) {
        throw new EngineRefusal(500, 'rpc error: code = Unknown desc = update out of sequence');
      }
      const from = replicasOf(service.spec);
      if (rollback === 'previous') rollBack(service, context());
      else takeSpec(service, spec, context());
      updates.push({
        service: spec.Name,
        from,
        to: replicasOf(service.spec),
        version: named,
        at: clock.now(),
      });
    },
  };
}

function statusOf(state: UpdateState | null | undefined, nowMs: number) {
  return state === undefined || state === null ? undefined : { state, startedAtMs: nowMs };
}
