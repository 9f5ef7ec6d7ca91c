import { z } from 'zod';
import type { Action, Observation, Plan, PlanBounds } from '../contract/action.js';
import { learnResize } from '../contract/learning.js';
import { operationOf, resize } from '../contract/operation.js';
import { refused } from '../contract/refused.js';
import {
  checkResize,
  planResize,
  planSize,
  resizeParams,
  type SourcedBounds,
} from '../contract/resize.js';
import type { Swarm } from './client.js';
import { boundAdvice, deltaOf, serviceBounds } from './service-bounds.js';
import {
  describeTasks,
  observedService,
  refusedByLabels,
  rolloutOf,
  type ServiceState,
  type ServiceTarget,
  serviceIdOf,
  serviceParam,
  serviceToChange,
} from './service-change.js';

const params = z.strictObject({ ...serviceParam, ...resizeParams }).superRefine(checkResize);

type Params = z.infer<typeof params>;

type Scaling = Action<Params, ServiceState, ServiceTarget>;

const name = 'swarm.scale';

/** `swarm.scale`: changes the number of replicas of a Swarm service. */
export function createSwarmScale({ swarm }: { readonly swarm: Swarm }): Scaling {
  return {
    name,
    summary: 'Changes the number of replicas of a Docker Swarm service.',
    params,
    operations: [resize],
    resultAlert: { alertname: 'scale_service' },
    policyBounds: true,

    learn: ({ service: target }, change) =>
      learnResize(operationOf([resize], change), {
        param: 'service',
        target,
        verbs: ['scale-down', 'scale-up'],
        besides: "It holds in place of the service's own bound (its labels).",
        key: 'services',
        declare: (replicas) => ({ replicas }),
      }),

    convergeWithinMs: 5 * 60_000,

    async observe({ service: nameOrId }) {
      const service = await swarm.service(nameOrId);
      const size = service.replicas ?? service.mode;
      return { ...observedService(service), size, unit: 'replicas' };
    },

    plan,
    planTo,

    async apply(change) {
      const replicas = operationOf([resize], change).to;
      await swarm.scale(await serviceToChange(swarm, change, name), replicas);
    },

    async verify(change) {
      const replicas = operationOf([resize], change).to;
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
    planResize(observation, { delta: deltaOf(params, observation.state.settings), ...bounds }),
  );

const planTo: Scaling['planTo'] = (params, observation, to, fallback) =>
  planned(params, observation, fallback, (bounds) => planSize(observation, to, bounds));

/** What holds for every change of a service's size, whatever size it is to have. */
function planned(
  params: Params,
  { target, state }: Observation<ServiceState>,
  fallback: PlanBounds,
  sized: (bounds: SourcedBounds) => Plan,
): Plan {
  if (state.mode !== 'replicated') {
    return refused(
      `service ${target.name} is ${state.mode}; only a replicated service has replicas to change`,
    );
  }
  const forbidden = refusedByLabels(target, state);
  if (forbidden !== undefined) return forbidden;
  const resized = sized(serviceBounds(params, state.settings, fallback));
  if (resized.kind === 'refused' && resized.reason === 'no_bounds') {
    return { ...resized, detail: `${resized.detail}; ${boundAdvice}` };
  }
  const rollout = rolloutOf(state);
  if (resized.kind !== 'change' || rollout === undefined) return resized;
  return { kind: 'wait', detail: `service ${target.name}: ${rollout}` };
}
