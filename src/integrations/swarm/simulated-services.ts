import { z } from 'zod';
import type { Clock } from '../../lib/clock.js';
import { durationField, labelsField } from '../../lib/field.js';
import type { TargetEvent, TargetHistoryReader } from '../contract/evidence.js';
import {
  type ChangingSize,
  reactionFields,
  requireWilling,
  resize,
  runningNow,
  steadySize,
  takesMs,
} from '../contract/simulated-size.js';
import { createSimulatedTargets } from '../contract/simulated-targets.js';
import type { Effect, GivenTargets, SimulatedKind } from '../contract/simulation.js';
import { TargetError } from '../contract/target-error.js';
import type { InspectedService, SwarmService, TaskSummary } from './answer.js';
import type { Swarm } from './client.js';
import { createServiceDeploys } from './deploys.js';
import { serviceScope } from './history.js';
import { restart } from './restart.js';
import { restoreImage } from './restore-image.js';
import { rollback } from './rollback.js';
import { isServiceName } from './service-name.js';

const state = z.strictObject({
  replicas: z.int().min(0).default(1).describe('Its replicas.'),
  labels: labelsField.default({}).meta({
    description: 'Its own labels, such as its bounds.',
    examples: [{ 'com.df.scaleMin': 2, 'com.df.scaleMax': 6 }],
  }),
  mode: z
    .enum(['replicated', 'global', 'replicated-job', 'global-job'])
    .default('replicated')
    .describe('The mode of the service.'),
  rollout: z
    .enum(['updating', 'paused', 'completed', 'rollback_started', 'rollback_paused'])
    .optional()
    .describe('The state of its rollout.'),
  deployed: z
    .union([z.literal('unknown'), durationField])
    .optional()
    .describe(
      'How long before the start of the test it was deployed, or `unknown` where its history has a gap. Default: not in the last 7 days.',
    ),
  deploy_changes: z
    .enum(['image', 'settings', 'both'])
    .default('image')
    .describe('What that deploy changed: its image, other settings of its tasks, or both.'),
  ...reactionFields,
});

/** A Swarm service as a test finds it. */
export type ServiceState = z.output<typeof state>;

/** Swarm services in playbook tests. */
export const simulatedServices: SimulatedKind<ServiceState> = {
  kind: 'swarm.service',
  one: 'service',
  summary: 'Swarm services, by name.',
  state,
  operations: [restart, rollback, restoreImage],
  size: {
    summary: 'The replicas of services.',
    example: { web: 3 },
  },
  assume: ({ size, bounds, convergeMs }) => ({
    replicas: size,
    labels:
      bounds === null
        ? {}
        : { 'com.df.scaleMin': String(bounds.min), 'com.df.scaleMax': String(bounds.max) },
    mode: 'replicated',
    rollout: undefined,
    // a record of notifications says nothing of deploys
    deployed: 'unknown',
    deploy_changes: 'image',
    takes: convergeMs,
    replies: 'converges',
  }),
};

/** What changes in a service. */
interface Live {
  readonly replicas: ChangingSize;
  version: number;
  updateState: string | undefined;
  /** Since when tasks are being replaced one after another. */
  rollingSinceMs: number | undefined;
  forceUpdate: number;
  image: string;
  previousImage: string | undefined;
  /** What happened to it, as its history has it. */
  readonly events: TargetEvent[];
}

type Did =
  | { readonly does: 'resize'; readonly from: number; readonly to: number }
  | { readonly does: 'restart' | 'rollback' | 'restore_image' };

interface Options {
  readonly given: GivenTargets<ServiceState>;
  readonly clock: Clock;
  readonly onEffect: (effect: Effect) => void;
}

/** How long the history of a service goes back. */
const watchedMs = 7 * 24 * 3_600_000;

function deployOf(
  name: string,
  changes: ServiceState['deploy_changes'],
  atMs: number,
): TargetEvent {
  const event = { scope: serviceScope(name), name, atMs };
  if (changes === 'settings') return { ...event, kind: 'updated' };
  const images = { from: `${name}:old`, to: `${name}:new` };
  return { ...event, kind: 'deployed', ...images, ...(changes === 'both' && { besides: true }) };
}

/** Creates a Swarm of simulated services. A service's id is its name. */
export function createSimulatedServices({ given, clock, onEffect }: Options) {
  const beganMs = clock.now();
  const services = createSimulatedTargets<ServiceState, Live>({
    given,
    one: 'service',
    start: ({ replicas, rollout, deployed, deploy_changes: changes }, name) => ({
      replicas: steadySize(replicas),
      version: 1,
      updateState: rollout,
      rollingSinceMs: undefined,
      forceUpdate: 0,
      // a service that is found in a rollout had another image before
      image: `${name}:new`,
      previousImage: rollout === undefined ? undefined : `${name}:old`,
      events: typeof deployed === 'number' ? [deployOf(name, changes, beganMs - deployed)] : [],
    }),
  });

  function find(name: string) {
    if (isServiceName(name)) return services.find(name);
    throw new TargetError('invalid', `"${name}" cannot be the name of a Swarm service`);
  }

  function view(name: string): InspectedService {
    const { state, live } = find(name);
    endRollout(state, live);
    const { version, updateState, forceUpdate, image, previousImage } = live;
    const { mode, labels } = state;
    const replicas = mode === 'replicated' ? live.replicas.wanted : undefined;
    const seen = { id: name, name, version, mode, replicas, updateState, forceUpdate };
    const specOf = (Image: string) => ({ TaskTemplate: { ContainerSpec: { Image } } });
    const previousSpec = previousImage === undefined ? undefined : specOf(previousImage);
    const spec = specOf(image);
    const texts = {
      specText: JSON.stringify(spec),
      previousSpecText: previousSpec && JSON.stringify(previousSpec),
    };
    return { ...seen, labels, containerLabels: {}, previousSpec, spec, ...texts };
  }

  /** Begins to replace all tasks. */
  function roll(state: ServiceState, live: Live, updateState: 'updating' | 'rollback_started') {
    live.updateState = updateState;
    live.rollingSinceMs = clock.now();
    if (state.replies === 'fails') {
      live.updateState = updateState === 'updating' ? 'paused' : 'rollback_paused';
      live.rollingSinceMs = undefined;
    }
  }

  function endRollout(state: ServiceState, live: Live): void {
    const { rollingSinceMs, updateState } = live;
    const afterMs = takesMs(state);
    if (rollingSinceMs === undefined || afterMs === null) return;
    if (rollingSinceMs + afterMs > clock.now()) return;
    live.rollingSinceMs = undefined;
    live.updateState = updateState === 'updating' ? 'completed' : 'rollback_completed';
  }

  /** Changes a service if it is as it was when it was read. */
  function change(
    { name, version }: SwarmService,
    make: (state: ServiceState, live: Live) => Did,
  ): void {
    const { state, live } = find(name);
    requireWilling(`service ${name}`, state);
    if (version !== live.version) {
      throw new TargetError('stale', `service ${name} has changed since it was read`);
    }
    live.version += 1;
    const did = make(state, live);
    onEffect({ atMs: clock.now(), kind: 'swarm.service', name, takesMs: takesMs(state), ...did });
  }

  const swarm: Swarm = {
    check: async () => ({ engineVersion: 'simulated', apiVersion: '1.41', manager: true }),
    service: async (name) => view(name),
    services: async () => given.names().map(view),
    servicesShort: async () => [],
    serviceTasks: async () => [],
    taskLog: async () => [],
    runningTasks: async () => ({ running: [], starting: new Set<string>() }),
    async servicesLabelled(label) {
      const [key = '', value] = label.split('=');
      return given
        .names()
        .map(view)
        .filter(
          ({ labels }) =>
            Object.hasOwn(labels, key) && (value === undefined || labels[key] === value),
        );
    },
    countServices: async () => given.names().length,
    async listen() {
      throw new TargetError('unavailable', 'a simulated Swarm has no events');
    },

    async scale(read, to) {
      change(read, (state, live) => {
        const from = live.replicas.wanted;
        resize(live.replicas, to, state, clock);
        live.updateState = state.replies === 'fails' ? 'paused' : undefined;
        live.rollingSinceMs = undefined;
        return { does: 'resize', from, to };
      });
    },

    async restart(read, forceUpdate) {
      change(read, (state, live) => {
        live.forceUpdate = forceUpdate;
        roll(state, live, 'updating');
        return { does: 'restart' };
      });
    },

    async setImage(read, image) {
      change(read, (state, live) => {
        live.events.push({ ...eventOf(read.name, 'deployed'), from: live.image, to: image });
        [live.image, live.previousImage] = [image, live.image];
        roll(state, live, 'updating');
        return { does: 'restore_image' };
      });
    },

    async rollback(read) {
      change(read, (state, live) => {
        live.events.push(eventOf(read.name, 'rolled_back'));
        [live.image, live.previousImage] = [live.previousImage ?? '', live.image];
        roll(state, live, 'rollback_started');
        return { does: 'rollback' };
      });
    },

    async tasks(name): Promise<TaskSummary> {
      const { state, live } = find(name);
      const running = runningNow(live.replicas, state, clock);
      const missing = Math.max(live.replicas.wanted - running, 0);
      const renewed = { forceUpdates: [live.forceUpdate], images: [live.image] };
      if (missing === 0) return { running, ...renewed, notRunning: {}, problems: [] };
      if (state.replies === 'converges') {
        return { running, ...renewed, notRunning: { preparing: missing }, problems: [] };
      }
      const problems =
        state.replies === 'stuck' ? ['no suitable node (insufficient resources on 1 node)'] : [];
      return { running, ...renewed, notRunning: { pending: missing }, problems };
    },
  };

  function eventOf(name: string, kind: TargetEvent['kind']): TargetEvent {
    return { scope: serviceScope(name), kind, name, atMs: clock.now() };
  }

  const history: TargetHistoryReader = {
    async of(_system, scope) {
      const { state, live } = find(scope.slice(serviceScope('').length));
      return {
        events: live.events,
        wholeSinceMs: state.deployed === 'unknown' ? null : beganMs - watchedMs,
        version: String(live.version),
      };
    },
  };

  return {
    swarm,

    deploys: createServiceDeploys(history),

    /** Returns the replicas that a service is set to; `undefined`: there is no such service. */
    replicas: (name: string): number | undefined => services.known(name)?.live.replicas.wanted,
  };
}
