import type { ServiceSpec } from 'dockerode';
import { z } from 'zod';
import type { Action, Observation, Plan, PlanBounds } from '../contract/action.js';
import { isSameState } from '../contract/change.js';
import {
  type OperationOf,
  operationKind,
  operationOf,
  type ResizeOperation,
} from '../contract/operation.js';
import { refused } from '../contract/refused.js';
import { planSize } from '../contract/resize.js';
import type { InspectedService, SwarmService } from './answer.js';
import type { Swarm } from './client.js';
import { imageIn, shortImage } from './image.js';
import { textAt, withValueAt } from './json-text.js';
import { boundAdvice, serviceBounds } from './service-bounds.js';
import {
  allRun,
  describeTasks,
  observedService,
  refusedByLabels,
  rolloutOf,
  type ServiceState,
  type ServiceTarget,
  serviceIdOf,
  serviceParam,
  unchangedService,
} from './service-change.js';

const params = z.strictObject({
  ...serviceParam,
  to: z
    .string()
    .min(1)
    .optional()
    .describe('The expected previous image. Jidoka refuses any other. Default: any.'),
});

type Params = z.infer<typeof params>;

const name = 'swarm.rollback';

/** The version that a service runs, and how far its rollout is. */
const versionState = z.strictObject({
  image: z.string(),
  rollout: z.enum(['none', 'paused', 'rolled_back']),
});

/** Takes back a rollout that is paused. */
export const rollback = operationKind({
  kind: 'rollback',
  schema: z.strictObject({
    kind: z.literal('rollback'),
    from: versionState,
    to: versionState,
    /** Where the version before had another size. */
    replicas: z.strictObject({ from: z.int(), to: z.int() }).optional(),
  }),
  describe({ from, to, replicas }, service) {
    const way =
      from.image === to.image
        ? `to its previous settings (image ${to.image} as before)`
        : `from ${from.image} to ${to.image}`;
    const sizes = replicas && `, from ${replicas.from} to ${replicas.to} replicas`;
    return `roll back ${service} ${way}${sizes ?? ''}`;
  },
  risk: () => 'Running tasks are interrupted.',
});

/** What a rollback would go back to, as far as people and bounds need it: no part that may hold a secret. */
interface Previous {
  readonly image: string;
  readonly replicas: number | undefined;
  /** Whether anything that runs in the service is other than it is now, restarts left aside. */
  readonly isOther: boolean;
}

interface State extends ServiceState {
  readonly image: string;
  readonly replicas: number | undefined;
  readonly previous: Previous | undefined;
}

/**
 * `swarm.rollback`: takes back a rollout that Swarm paused because its tasks failed. Swarm keeps one
 * previous specification and every update overwrites it; but none can have come
 * after a rollout that still stands paused, because an update ends that. So that state, with the
 * service's version, tells that what is taken back is the rollout that was seen.
 */
export function createSwarmRollback({
  swarm,
}: {
  readonly swarm: Swarm;
}): Action<Params, State, ServiceTarget> {
  return {
    name,
    summary: 'Rolls back a rollout of a Docker Swarm service that Swarm paused on failure.',
    params,
    operations: [rollback],
    policyBounds: true,

    // the next rollout has another version, so only that it is paused bounds the step
    learn: ({ service }) => ({
      called: `roll-back ${service}`,
      does: `Rolls back a paused rollout of ${service}`,
      target: service,
      params: [{ name: 'service', value: service }],
      guards: { cooldownMs: 60 * 60_000, limit: '2 per 1d' },
      tests: {
        before: { services: { [service]: { rollout: 'paused' } } },
        effect: { key: 'services', name: service, does: rollback.kind },
        idle: {
          shows: 'without a paused rollout it does nothing',
          targets: { services: { [service]: {} } },
          reason: 'unsupported',
        },
      },
    }),

    convergeWithinMs: 10 * 60_000,

    async observe({ service: nameOrId }) {
      const service = await swarm.service(nameOrId);
      const seen = observedService(service);
      const { spec, previousSpec, replicas } = service;
      const state = { ...seen.state, image: imageOf(spec), replicas, previous: undefined };
      return {
        ...seen,
        size: versionOf(service),
        unit: 'version',
        state:
          previousSpec === undefined
            ? state
            : { ...state, previous: readPrevious(service, previousSpec) },
      };
    },

    plan,

    planTo: (_params, { target }) => refused(`service ${target.name}: a rollback cannot be undone`),

    async apply(change) {
      operationOf([rollback], change);
      await swarm.rollback(await unchangedService(swarm, change, name));
    },

    async verify(change) {
      const { to: wanted } = operationOf([rollback], change);
      const service = await swarm.service(serviceIdOf(change, name));
      const observed = versionOf(service);
      if (!isSameState(observed, wanted)) {
        const detail = `service ${service.name} is at ${describeVersion(observed)}, not at ${describeVersion(wanted)}`;
        return { kind: 'differs', observed, detail };
      }
      const { updateState } = service;
      const tasks = await swarm.tasks(service.id);
      const detail = describeTasks(service, tasks);
      if (updateState === 'rollback_paused') {
        return {
          kind: 'failed',
          detail: `${detail}; Swarm paused the rollback to ${wanted.image} too`,
        };
      }
      const isOver = updateState === 'rollback_completed' && allRun(service, tasks);
      return { kind: isOver ? 'converged' : 'converging', detail };
    },
  };
}

function plan({ to }: Params, observation: Observation<State>, fallback: PlanBounds): Plan {
  const { target, size, version, state } = observation;
  const { mode, updateState, previous } = state;
  const service = `service ${target.name}`;
  if (mode !== 'replicated' && mode !== 'global') {
    return refused(`${service} is a ${mode}; a rollback would run it again`);
  }
  const forbidden = refusedByLabels(target, state);
  if (forbidden !== undefined) return forbidden;
  if (updateState === 'rollback_paused') {
    return refused(`${service}: its rollback is paused too; resume or replace it by hand`);
  }
  if (updateState !== 'paused') {
    const rollout = rolloutOf(state);
    if (rollout !== undefined) return { kind: 'wait', detail: `${service}: ${rollout}` };
    return refused(`${service}: it has no paused rollout to roll back`);
  }
  if (previous === undefined) return refused(`${service}: Swarm has no previous version`);
  if (!previous.isOther) {
    return refused(
      `${service}: a later update overwrote the previous version; deploy the version that you want`,
    );
  }
  if (to !== undefined && to !== previous.image) {
    return refused(`${service}: the previous image is ${previous.image}, expected ${to}`);
  }
  const resized = replicasPlan(observation, previous, fallback);
  if (resized !== null && resized.kind !== 'change') return resized;
  const op: OperationOf<typeof rollback> = {
    kind: 'rollback',
    from: versionState.parse(size),
    to: { image: previous.image, rollout: 'rolled_back' },
    ...(resized && { replicas: { from: resized.op.from, to: resized.op.to } }),
  };
  return { kind: 'change', target, op, version };
}

/** The version before may have had another size; then the bounds hold for it. `null`: it had not. */
function replicasPlan(
  observation: Observation<State>,
  previous: Previous,
  fallback: PlanBounds,
): Plan<ResizeOperation> | null {
  const { settings, replicas } = observation.state;
  if (replicas === undefined || previous.replicas === undefined) return null;
  if (replicas === previous.replicas) return null;
  const bounds = serviceBounds({}, settings, fallback);
  const missing = previous.replicas > replicas ? 'max' : 'min';
  const sized = { ...observation, size: replicas, unit: 'replicas' };
  if (bounds[missing] !== undefined) return planSize(sized, previous.replicas, bounds);
  const { name } = observation.target;
  const detail = `${name}: its previous version had ${previous.replicas} replicas, not ${replicas}, and no ${missing} is given; ${boundAdvice}`;
  return { kind: 'refused', reason: 'no_bounds', detail };
}

function readPrevious(
  { specText, previousSpecText }: InspectedService,
  previousSpec: ServiceSpec,
): Previous {
  const replicas = previousSpec.Mode?.Replicated?.Replicas;
  const isOther = whatRuns(specText) !== whatRuns(previousSpecText);
  return { image: imageOf(previousSpec), replicas, isOther };
}

/** Everything about the tasks but how often they were restarted, for comparing only: it may hold secrets. */
function whatRuns(specText = '{}'): string | undefined {
  const template = textAt(specText, ['TaskTemplate']);
  return template && withValueAt(template, ['ForceUpdate'], 0);
}

/** The image of a service, its digest shortened as people know it. */
function imageOf(spec: ServiceSpec): string {
  return shortImage(imageIn(spec) ?? 'an image without a name');
}

function versionOf({ spec, updateState }: SwarmService): z.output<typeof versionState> {
  const image = imageOf(spec);
  if (updateState === 'paused') return { image, rollout: 'paused' };
  return { image, rollout: updateState?.startsWith('rollback_') ? 'rolled_back' : 'none' };
}

/** `shop/web:2, rollout paused`, `shop/web:1, rolled back` */
function describeVersion({ image, rollout }: z.output<typeof versionState>): string {
  const how = { none: '', paused: ', rollout paused', rolled_back: ', rolled back' };
  return `${image}${how[rollout]}`;
}
