import { z } from 'zod';
import { InputError } from '../errors.js';
import type { Change } from '../target/change.js';
import { isServiceName } from '../target/service-name.js';
import type { Swarm } from '../target/swarm.js';
import type { ServiceMode, SwarmService, TaskSummary } from '../target/swarm-answer.js';
import { TargetError } from '../target/target-error.js';
import type { Action, Bounds, Observation, Plan } from './action.js';
import { checkResize, planResize, planSize, resizeParams, type SourcedBounds } from './resize.js';
import { boundAdvice, boundOf, deltaOf, isDisabled, scalingLabels } from './swarm-labels.js';
import { rolloutOf } from './swarm-rollout.js';

const params = z
  .strictObject({
    service: z
      .string()
      .refine(isServiceName, 'expected the name or id of one Swarm service, without wildcards')
      .describe('Name or id of the service.'),
    ...resizeParams,
  })
  .superRefine(checkResize);

type Params = z.infer<typeof params>;

/** What decides about scaling a service. Its specification is left out: it may hold secrets. */
interface State {
  readonly mode: ServiceMode;
  readonly labels: Readonly<Record<string, string>>;
  readonly updateState: string | undefined;
}

type Scaling = Action<Params, State>;

const idPrefix = 'swarm.service/';

/** `swarm.scale`: changes the number of replicas of a Swarm service. */
export function createSwarmScale({ swarm }: { readonly swarm: Swarm }): Scaling {
  return {
    name: 'swarm.scale',
    summary: 'Changes the number of replicas of a Docker Swarm service.',
    params,
    policyBounds: true,
    convergeWithinMs: 5 * 60_000,

    async observe({ service: nameOrId }) {
      const { id, name, version, mode, replicas, labels, updateState } =
        await swarm.service(nameOrId);
      return {
        target: { id: `${idPrefix}${id}`, name },
        size: replicas ?? mode,
        unit: 'replicas',
        version: String(version),
        state: { mode, labels: scalingLabels(labels), updateState },
      };
    },

    plan,
    planTo,

    async apply(change) {
      const service = await swarm.service(serviceIdOf(change));
      if (String(service.version) !== change.version) {
        throw new TargetError(
          'stale',
          `service ${service.name} has changed since it was read: version ${service.version}, not ${change.version}`,
        );
      }
      await swarm.scale(service, Number(change.to));
    },

    async verify(change) {
      const service = await swarm.service(serviceIdOf(change));
      if (service.replicas !== change.to) {
        const observed = service.replicas ?? service.mode;
        const detail = `service ${service.name} is set to ${observed} replicas, not ${change.to}`;
        return { kind: 'differs', observed, detail };
      }
      const tasks = await swarm.tasks(service.id);
      const kind = tasks.running === change.to ? 'converged' : 'converging';
      return { kind, detail: describeTasks(service, tasks) };
    },
  };
}

const plan: Scaling['plan'] = (params, observation, fallback) =>
  planned(params, observation, fallback, (bounds) =>
    planResize(observation, { delta: deltaOf(params, observation.state.labels), ...bounds }),
  );

const planTo: Scaling['planTo'] = (params, observation, to, fallback) =>
  planned(params, observation, fallback, (bounds) => planSize(observation, to, bounds));

/** What holds for every change of a service, whatever size it is to have. */
function planned(
  params: Params,
  { target, state }: Observation<State>,
  fallback: Bounds,
  sized: (bounds: SourcedBounds) => Plan,
): Plan {
  const refuse = (detail: string): Plan => ({ kind: 'refused', reason: 'unsupported', detail });
  if (state.mode !== 'replicated') {
    return refuse(
      `service ${target.name} is ${state.mode}; only a replicated service has replicas to change`,
    );
  }
  if (isDisabled(state.labels)) {
    return refuse(
      `service ${target.name} is labelled jidoka.enable=${state.labels['jidoka.enable']}`,
    );
  }
  try {
    const resized = sized({
      min: boundOf('min', params, state.labels, fallback),
      max: boundOf('max', params, state.labels, fallback),
    });
    if (resized.kind === 'refused' && resized.reason === 'no_bounds') {
      return { ...resized, detail: `${resized.detail}; ${boundAdvice}` };
    }
    const rollout = rolloutOf(state.updateState);
    if (resized.kind !== 'change' || rollout === undefined) return resized;
    return { kind: 'wait', detail: `service ${target.name}: ${rollout}` };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return refuse(`service ${target.name}: ${error.message}`);
  }
}

function serviceIdOf({ target, to }: Change): string {
  if (target.id.startsWith(idPrefix) && typeof to === 'number') {
    return target.id.slice(idPrefix.length);
  }
  throw new TargetError('invalid', `swarm.scale cannot set ${target.id} to ${to}`);
}

function describeTasks(service: SwarmService, tasks: TaskSummary): string {
  const others = Object.entries(tasks.notRunning).map(([state, count]) => `${count} ${state}`);
  const words = [`${tasks.running} of ${service.replicas} replicas are running`, ...others];
  const problems = tasks.problems.length > 0 ? `: ${tasks.problems.join('; ')}` : '';
  return `service ${service.name}: ${words.join(', ')}${problems}`;
}
