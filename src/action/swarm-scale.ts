import { z } from 'zod';
import type { Change } from '../target/change.js';
import type { Swarm } from '../target/swarm.js';
import { TargetError } from '../target/target-error.js';
import type { Action, Bounds, Observation, Plan } from './action.js';
import { checkResize, planResize, planSize, resizeParams, type SourcedBounds } from './resize.js';
import { boundAdvice, boundOf, deltaOf } from './swarm-labels.js';
import {
  describeTasks,
  observedService,
  refused,
  refusedByLabels,
  rolloutOf,
  type ServiceState,
  serviceIdOf,
  serviceParam,
  serviceToChange,
} from './swarm-service.js';

const params = z.strictObject({ ...serviceParam, ...resizeParams }).superRefine(checkResize);

type Params = z.infer<typeof params>;

type Scaling = Action<Params, ServiceState>;

const name = 'swarm.scale';

/** `swarm.scale`: changes the number of replicas of a Swarm service. */
export function createSwarmScale({ swarm }: { readonly swarm: Swarm }): Scaling {
  return {
    name,
    summary: 'Changes the number of replicas of a Docker Swarm service.',
    params,
    policyBounds: true,
    convergeWithinMs: 5 * 60_000,

    async observe({ service: nameOrId }) {
      const service = await swarm.service(nameOrId);
      const size = service.replicas ?? service.mode;
      return { ...observedService(service), size, unit: 'replicas' };
    },

    plan,
    planTo,

    async apply(change) {
      const replicas = replicasOf(change);
      await swarm.scale(await serviceToChange(swarm, change, name), replicas);
    },

    async verify(change) {
      const replicas = replicasOf(change);
      const service = await swarm.service(serviceIdOf(change, name));
      if (service.replicas !== replicas) {
        const observed = service.replicas ?? service.mode;
        const detail = `service ${service.name} is set to ${observed} replicas, not ${replicas}`;
        return { kind: 'differs', observed, detail };
      }
      const tasks = await swarm.tasks(service.id);
      const kind = tasks.running === replicas ? 'converged' : 'converging';
      return { kind, detail: describeTasks(service, tasks) };
    },
  };
}

const plan: Scaling['plan'] = (params, observation, fallback) =>
  planned(params, observation, fallback, (bounds) =>
    planResize(observation, { delta: deltaOf(params, observation.state.says), ...bounds }),
  );

const planTo: Scaling['planTo'] = (params, observation, to, fallback) =>
  planned(params, observation, fallback, (bounds) => planSize(observation, to, bounds));

/** What holds for every change of a service's size, whatever size it is to have. */
function planned(
  params: Params,
  { target, state }: Observation<ServiceState>,
  fallback: Bounds,
  sized: (bounds: SourcedBounds) => Plan,
): Plan {
  if (state.mode !== 'replicated') {
    return refused(
      `service ${target.name} is ${state.mode}; only a replicated service has replicas to change`,
    );
  }
  const forbidden = refusedByLabels(target, state);
  if (forbidden !== undefined) return forbidden;
  const resized = sized({
    min: boundOf('min', params, state.says, fallback),
    max: boundOf('max', params, state.says, fallback),
  });
  if (resized.kind === 'refused' && resized.reason === 'no_bounds') {
    return { ...resized, detail: `${resized.detail}; ${boundAdvice}` };
  }
  const rollout = rolloutOf(state);
  if (resized.kind !== 'change' || rollout === undefined) return resized;
  return { kind: 'wait', detail: `service ${target.name}: ${rollout}` };
}

function replicasOf({ target, to }: Change): number {
  if (typeof to === 'number') return to;
  throw new TargetError('invalid', `${name} cannot set ${target.id} to ${to}`);
}
