import type { ServiceSpec } from 'dockerode';
import { z } from 'zod';
import type { Swarm } from '../target/swarm.js';
import type { SwarmService } from '../target/swarm-answer.js';
import { TargetError } from '../target/target-error.js';
import type { Action, Bounds, Observation, Plan } from './action.js';
import { planSize } from './resize.js';
import { boundAdvice, boundOf } from './swarm-labels.js';
import {
  allRun,
  describeTasks,
  observedService,
  refused,
  refusedByLabels,
  rolloutOf,
  type ServiceState,
  serviceIdOf,
  serviceParam,
  unchangedService,
} from './swarm-service.js';

const params = z.strictObject({
  ...serviceParam,
  to: z
    .string()
    .min(1)
    .optional()
    .describe('Only to this image: what a person was shown; left out, to whatever came before.'),
});

type Params = z.infer<typeof params>;

const name = 'swarm.rollback';
const unit = 'versions';

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
 * previous specification and every update overwrites it, whoever makes it; but none can have come
 * after a rollout that still stands paused, because an update ends that. So that state, with the
 * service's version, tells that what is taken back is the rollout that was seen.
 */
export function createSwarmRollback({ swarm }: { readonly swarm: Swarm }): Action<Params, State> {
  return {
    name,
    summary: 'Rolls back a rollout of a Docker Swarm service that Swarm paused on failure.',
    params,
    policyBounds: true,
    convergeWithinMs: 10 * 60_000,

    async observe({ service: nameOrId }) {
      const service = await swarm.service(nameOrId);
      const seen = observedService(service);
      const { spec, previousSpec, replicas } = service;
      const state = { ...seen.state, image: imageOf(spec), replicas, previous: undefined };
      return {
        ...seen,
        size: versionOf(service),
        unit,
        state:
          previousSpec === undefined
            ? state
            : { ...state, previous: readPrevious(service, previousSpec) },
      };
    },

    plan,

    planTo: (_params, { target }) =>
      refused(`service ${target.name}: a rollback cannot be taken back`),

    async apply(change) {
      imageIn(change.to, change.target.id);
      await swarm.rollback(await unchangedService(swarm, change, name));
    },

    async verify(change) {
      const wanted = imageIn(change.to, change.target.id);
      const service = await swarm.service(serviceIdOf(change, name));
      const observed = versionOf(service);
      if (observed !== change.to) {
        const detail = `service ${service.name} stands at ${observed}, not at ${change.to}`;
        return { kind: 'differs', observed, detail };
      }
      const { updateState } = service;
      const tasks = await swarm.tasks(service.id);
      const detail = describeTasks(service, tasks);
      if (updateState === 'rollback_paused') {
        return { kind: 'failed', detail: `${detail}; Swarm paused the rollback to ${wanted}, too` };
      }
      const isOver = updateState === 'rollback_completed' && allRun(service, tasks);
      return { kind: isOver ? 'converged' : 'converging', detail };
    },
  };
}

function plan({ to }: Params, observation: Observation<State>, fallback: Bounds): Plan {
  const { target, size, version, state } = observation;
  const { mode, updateState, previous, image } = state;
  const service = `service ${target.name}`;
  if (mode !== 'replicated' && mode !== 'global') {
    return refused(`${service} is a ${mode}; a rollback would run it anew`);
  }
  const forbidden = refusedByLabels(target, state);
  if (forbidden !== undefined) return forbidden;
  if (updateState === 'rollback_paused') {
    return refused(`${service}: its rollback is paused, too; it needs a person`);
  }
  if (updateState !== 'paused') {
    const rollout = rolloutOf(state);
    if (rollout !== undefined) return { kind: 'wait', detail: `${service}: ${rollout}` };
    return refused(`${service}: no rollout of it is paused, so there is none to take back`);
  }
  if (previous === undefined) return refused(`${service}: Swarm keeps no version before this one`);
  if (!previous.isOther) {
    return refused(
      `${service}: its last update changed nothing that runs in it, so what came before the rollout is overwritten; deploy the version that is wanted`,
    );
  }
  if (to !== undefined && to !== previous.image) {
    return refused(`${service}: it would go back to ${previous.image}, not to ${to}`);
  }
  const resized = replicasPlan(observation, previous, fallback);
  if (resized !== null && resized.kind !== 'change') return resized;
  const way =
    previous.image === image
      ? `to its previous settings (image ${image} as before)`
      : `from ${image} to ${previous.image}`;
  const sizes = resized === null ? '' : `, from ${resized.from} to ${resized.to} replicas`;
  const does = `roll back ${target.name} ${way}${sizes}`;
  return {
    kind: 'change',
    target,
    from: size,
    to: rolledBack(previous.image),
    unit,
    version,
    does,
  };
}

/** The version before may have had another size; then the bounds hold for it. `null`: it had not. */
function replicasPlan(
  observation: Observation<State>,
  previous: Previous,
  fallback: Bounds,
): Plan | null {
  const { says, replicas } = observation.state;
  if (replicas === undefined || previous.replicas === undefined) return null;
  if (replicas === previous.replicas) return null;
  const bounds = {
    min: boundOf('min', {}, says, fallback),
    max: boundOf('max', {}, says, fallback),
  };
  const missing = previous.replicas > replicas ? 'max' : 'min';
  const sized = { ...observation, size: replicas, unit: 'replicas' };
  if (bounds[missing] !== undefined) return planSize(sized, previous.replicas, bounds);
  const { name } = observation.target;
  const detail = `${name}: its previous version had ${previous.replicas} replicas, not ${replicas}, and no ${missing} is given; ${boundAdvice}`;
  return { kind: 'refused', reason: 'no_bounds', detail };
}

function readPrevious({ spec }: SwarmService, previousSpec: ServiceSpec): Previous {
  const replicas = previousSpec.Mode?.Replicated?.Replicas;
  const isOther = whatRuns(spec) !== whatRuns(previousSpec);
  return { image: imageOf(previousSpec), replicas, isOther };
}

/** Everything about the tasks but how often they were restarted, for comparing only: it may hold secrets. */
function whatRuns({ TaskTemplate }: ServiceSpec): string {
  return JSON.stringify({ ...TaskTemplate, ForceUpdate: 0 });
}

const longestImage = 100;

/** The image of a service, its digest shortened as people know it. */
function imageOf(spec: ServiceSpec): string {
  const template = spec.TaskTemplate as { ContainerSpec?: { Image?: string } } | undefined;
  const image = template?.ContainerSpec?.Image ?? 'an image without a name';
  return image.replace(/(@sha256:[0-9a-f]{12})[0-9a-f]+$/, '$1').slice(-longestImage);
}

/** What of a service's rollout stands: `shop/web:2, rollout paused`, `shop/web:1, rolled back`. */
function versionOf({ spec, updateState }: SwarmService): string {
  const image = imageOf(spec);
  if (updateState === 'paused') return `${image}, rollout paused`;
  return updateState?.startsWith('rollback_') ? rolledBack(image) : image;
}

const rolledBackEnd = ', rolled back';

function rolledBack(image: string): string {
  return `${image}${rolledBackEnd}`;
}

function imageIn(to: number | string, targetId: string): string {
  if (typeof to === 'string' && to.endsWith(rolledBackEnd))
    return to.slice(0, -rolledBackEnd.length);
  throw new TargetError('invalid', `${name} cannot bring ${targetId} to ${to}`);
}
