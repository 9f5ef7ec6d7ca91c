import { z } from 'zod';
import type { Action, Observation } from '../contract/action.js';
import type { Change, TargetOf } from '../contract/change.js';
import { operationKind, operationOf } from '../contract/operation.js';
import { refused } from '../contract/refused.js';
import { TargetError } from '../contract/target-error.js';
import type { SwarmService } from './answer.js';
import type { Swarm } from './client.js';
import { forceUpdateState, restart } from './restart.js';
import { createRestarting, describeRestarted } from './restarting.js';
import { type ServiceState, serviceParam } from './service-change.js';

const params = z
  .strictObject({
    service: serviceParam.service.optional(),
    label: z
      .string()
      .regex(/^[^\s=*]+(=[^\s*]+)?$/, 'expected one label, such as com.df.reschedule=true')
      .optional()
      .describe(
        'A label, with or without its value: all services with this label, one after another. With `service`: this service, only if it has the label.',
      ),
  })
  .refine(({ service, label }) => service !== undefined || label !== undefined, {
    error: 'expected "service", "label" or both',
  });

type Params = z.infer<typeof params>;
type Services = readonly Observation<ServiceState>[];

/** One service, or all of a label. */
type Rebalanced = TargetOf<'swarm.service' | 'swarm.services'>;

interface State {
  readonly services: Services;
  /** Why the service that is named may not be spread: it lacks the label. */
  readonly lacks: string | undefined;
}

/** Spreads services; of one that is named, the state is that of `restart`. */
const rebalance = operationKind({
  kind: 'rebalance',
  schema: z.strictObject({
    kind: z.literal('rebalance'),
    from: z.union([z.literal('as_is'), forceUpdateState]),
    to: z.union([z.literal('spread'), forceUpdateState]),
    services: z.array(z.string()),
  }),
  describe: ({ services: [first = '', ...others] }) =>
    `rebalance ${[first, ...others].join(', ')}${others.length > 0 ? ', one after the other' : ''}`,
  risk: () => 'Running tasks are interrupted.',
});

/**
 * `swarm.rebalance`: spreads the tasks of services over the nodes that there are now, by a rolling forced
 * update of one service after the other. Swarm moves no task of its own accord when a node joins.
 */
export function createSwarmRebalance({
  swarm,
}: {
  readonly swarm: Swarm;
}): Action<Params, State, Rebalanced> {
  const restarting = createRestarting({ swarm });
  const { withinMs, apply, verify } = restarting.effect;

  return {
    name: 'swarm.rebalance',
    summary:
      'Spreads the tasks of Swarm services over the current nodes, one service after another.',
    params,
    operations: [rebalance, restart],
    resultAlert: { alertname: 'reschedule_service', service: 'reschedule' },
    convergeWithinMs: withinMs,

    async observe({ service, label = '' }) {
      if (service !== undefined) {
        const observation = await restarting.observe({ service });
        const lacks = label === '' ? undefined : whyUnlabelled(await swarm.service(service), label);
        return { ...observation, state: { services: [observation], lacks } };
      }
      const services = await restarting.labelled(label);
      return {
        target: { id: `swarm.services/${label}`, name: `the services labelled ${label}` },
        size: 'as_is',
        unit: 'placement',
        version: null,
        state: { services, lacks: undefined },
      };
    },

    plan({ service }, { target, size, version, state: { services, lacks } }) {
      if (lacks !== undefined) return refused(lacks);
      const [first] = services;
      if (service !== undefined && first !== undefined) {
        const planned = restarting.plan({ ...first, size });
        if (planned.kind !== 'change') return planned;
        return { ...planned, op: { ...planned.op, kind: 'rebalance', services: [target.name] } };
      }
      const wishes = services.flatMap((one) => restarting.ownersWish(one) ?? []);
      const names = services
        .filter((one) => restarting.ownersWish(one) === undefined)
        .map((one) => one.target.name);
      if (names.length === 0 || size !== 'as_is') {
        const none = ['there are none to spread', ...wishes].join('; ');
        const detail = `${target.name}${names.length === 0 ? `: ${none}` : ' are spread'}`;
        return { kind: 'at_bound', bound: 'min', detail };
      }
      const op = { kind: 'rebalance', from: size, to: 'spread', services: names };
      return { kind: 'change', target, op, version };
    },

    planTo: (_params, { target }) => refused(`${target.name}: a rebalance cannot be undone`),

    apply: async (change, sending) => apply(asRestart(change), sending),
    verify: async (change, context) => verify(asRestart(change), context),

    sequence: {
      outline: () => undefined,

      async look({ params: { service, label = '' } }, plan): Promise<Services> {
        if (service === undefined) return restarting.labelled(label);
        const observation = await restarting.observe({ service });
        if (observation.target.id === plan.target.id) return [observation];
        throw new TargetError('not_found', `service ${service} was replaced`);
      },

      next({ params: { service } }, _plan, done, services: Services) {
        const failed = done.find(({ converged }) => !converged);
        if (failed !== undefined) return { kind: 'failed', detail: failed.seen };
        const next = restarting.nextOf(services, done, service !== undefined);
        if (next.kind === 'change') return next;
        return { kind: 'complete', detail: describeRestarted(done, next.left) };
      },
    },
  };
}

/** A service that is named is spread by a restart. */
function asRestart(change: Change): Change {
  if (change.op.kind !== rebalance.kind) return change;
  const { from, to } = operationOf([rebalance], change);
  return { ...change, op: { kind: restart.kind, from, to } };
}

/** Why a service does not count as labelled, as Docker's own filter reads a label; `undefined`: it is. */
function whyUnlabelled({ name, labels }: SwarmService, label: string): string | undefined {
  const [key = '', ...rest] = label.split('=');
  const has = Object.hasOwn(labels, key) ? labels[key] : undefined;
  const isLabelled = rest.length === 0 ? has !== undefined : has === rest.join('=');
  if (isLabelled) return undefined;
  const instead = has === undefined ? 'has no such label' : `has ${key}=${has}`;
  return `service ${name} is not labelled ${label}: it ${instead}`;
}
