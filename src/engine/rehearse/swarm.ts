import type { Clock } from '../../clock.js';
import { isServiceName } from '../../target/service-name.js';
import type { Swarm } from '../../target/swarm.js';
import type { SwarmService, TaskSummary } from '../../target/swarm-answer.js';
import { TargetError } from '../../target/target-error.js';
import {
  type Capacity,
  capacityOf,
  requireReachable,
  requireWilling,
  resize,
  runningNow,
} from './capacity.js';
import type { Effect, ServiceState, World } from './world.js';

interface Service extends Capacity {
  state: ServiceState;
  version: number;
  updateState: string | undefined;
  /** Since when tasks are being replaced one after another. */
  rollingSinceMs: number | undefined;
  forceUpdate: number;
  image: string;
  previousImage: string | undefined;
}

type Did =
  | { readonly does: 'resize'; readonly from: number; readonly to: number }
  | { readonly does: 'restart' | 'rollback' };

interface Options {
  readonly world: Pick<World, 'service' | 'serviceNames'>;
  readonly clock: Clock;
  readonly onEffect: (effect: Effect) => void;
}

/** The services of a world, behind what the actions know of a Swarm. A service's id is its name. */
export function createRehearsedSwarm({ world, clock, onEffect }: Options) {
  const services = new Map<string, Service | undefined>();

  function known(name: string): Service | undefined {
    if (services.has(name)) return services.get(name);
    const state = world.service(name);
    const service = state && {
      ...capacityOf(state.replicas),
      state,
      version: 1,
      updateState: state.updateState,
      rollingSinceMs: undefined,
      forceUpdate: 0,
      // whoever is found in a rollout was another one before it
      image: `${name}:new`,
      previousImage: state.updateState === undefined ? undefined : `${name}:old`,
    };
    services.set(name, service);
    return service;
  }

  function find(name: string): Service {
    if (!isServiceName(name)) {
      throw new TargetError('invalid', `"${name}" cannot be the name of a Swarm service`);
    }
    const service = known(name);
    if (service !== undefined) {
      requireReachable(`service ${name}`, service.state.reaction);
      return service;
    }
    throw new TargetError('not_found', `Docker Swarm: there is no service named "${name}"`);
  }

  function view(name: string, service: Service): SwarmService {
    endRollout(service);
    const { state, wanted, version, updateState, forceUpdate, image, previousImage } = service;
    const { mode, labels } = state;
    const replicas = mode === 'replicated' ? wanted : undefined;
    const seen = { id: name, name, version, mode, replicas, labels, updateState, forceUpdate };
    const specOf = (Image: string) => ({ TaskTemplate: { ContainerSpec: { Image } } });
    const previousSpec = previousImage === undefined ? undefined : specOf(previousImage);
    return { ...seen, previousSpec, spec: specOf(image) };
  }

  /** Begins to replace all tasks. */
  function roll(service: Service, updateState: 'updating' | 'rollback_started'): void {
    service.updateState = updateState;
    service.rollingSinceMs = clock.now();
    if (service.state.reaction.kind === 'fail') {
      service.updateState = updateState === 'updating' ? 'paused' : 'rollback_paused';
      service.rollingSinceMs = undefined;
    }
  }

  function endRollout(service: Service): void {
    const { rollingSinceMs, state, updateState } = service;
    if (rollingSinceMs === undefined || state.reaction.kind !== 'converge') return;
    if (rollingSinceMs + state.reaction.afterMs > clock.now()) return;
    service.rollingSinceMs = undefined;
    service.updateState = updateState === 'updating' ? 'completed' : 'rollback_completed';
  }

  function effect({ name }: SwarmService, did: Did): void {
    onEffect({ atMs: clock.now(), kind: 'swarm.service', name, ...did });
  }

  /** The service that a change is made to, if it is as it was when it was read. */
  function changed({ name, version }: SwarmService): Service {
    const service = find(name);
    requireWilling(`service ${name}`, service.state.reaction);
    if (version !== service.version) {
      throw new TargetError('stale', `service ${name} has changed since it was read`);
    }
    service.version += 1;
    return service;
  }

  const swarm: Swarm = {
    check: async () => ({ engineVersion: 'rehearsed', apiVersion: '1.41', manager: true }),
    service: async (name) => view(name, find(name)),
    services: async () => [],
    servicesShort: async () => [],
    async servicesLabelled(label) {
      const [key = '', value] = label.split('=');
      return (world.serviceNames?.() ?? [])
        .map((name) => view(name, find(name)))
        .filter(({ labels }) => key in labels && (value === undefined || labels[key] === value));
    },
    countServices: async () => 0,
    async listen() {
      throw new TargetError('unavailable', 'a rehearsed Swarm has no events');
    },

    async scale(read, replicas) {
      const service = changed(read);
      const { reaction } = service.state;
      const from = service.wanted;
      resize(service, replicas, reaction, clock);
      service.updateState = reaction.kind === 'fail' ? 'paused' : undefined;
      service.rollingSinceMs = undefined;
      effect(read, { does: 'resize', from, to: replicas });
    },

    async restart(read, forceUpdate) {
      const service = changed(read);
      service.forceUpdate = forceUpdate;
      roll(service, 'updating');
      effect(read, { does: 'restart' });
    },

    async rollback(read) {
      const service = changed(read);
      [service.image, service.previousImage] = [service.previousImage ?? '', service.image];
      roll(service, 'rollback_started');
      effect(read, { does: 'rollback' });
    },

    async tasks(name): Promise<TaskSummary> {
      const service = find(name);
      const { reaction } = service.state;
      const running = runningNow(service, reaction, clock);
      const missing = Math.max(service.wanted - running, 0);
      const forceUpdates = [service.forceUpdate];
      if (missing === 0) return { running, forceUpdates, notRunning: {}, problems: [] };
      if (reaction.kind === 'converge') {
        return { running, forceUpdates, notRunning: { preparing: missing }, problems: [] };
      }
      const problems =
        reaction.kind === 'stuck' ? ['no suitable node (insufficient resources on 1 node)'] : [];
      return { running, forceUpdates, notRunning: { pending: missing }, problems };
    },
  };

  return {
    swarm,

    /** The replicas that a service has; `undefined`: there is no such service. */
    replicas: (name: string): number | undefined => known(name)?.wanted,

    /** Changes a service as somebody else would. `undefined`: it is gone. */
    change(name: string, patch: Partial<ServiceState> | undefined): void {
      const service = known(name);
      if (patch === undefined) services.set(name, undefined);
      if (patch === undefined || service === undefined) return;
      service.state = { ...service.state, ...patch };
      if ('updateState' in patch) service.updateState = patch.updateState;
      if (patch.replicas !== undefined) {
        resize(service, patch.replicas, service.state.reaction, clock);
      }
      service.version += 1;
    },
  };
}
