import { z } from 'zod';
import type { Swarm } from '../target/swarm.js';
import { TargetError } from '../target/target-error.js';
import type { Action, Observation } from './action.js';
import { createRestarting, describeRestarted } from './restarting.js';
import { refused, type ServiceState, serviceParam } from './swarm-service.js';

const params = z
  .strictObject({
    service: serviceParam.service.optional(),
    label: z
      .string()
      .regex(/^[^\s=*]+(=[^\s*]+)?$/, 'expected one label, such as com.df.reschedule=true')
      .optional()
      .describe(
        'A label, with or without its value: all services that have it, one after the other.',
      ),
  })
  .refine(({ service, label }) => (service === undefined) !== (label === undefined), {
    error: 'expected exactly one of "service" and "label"',
  });

type Params = z.infer<typeof params>;
type Services = readonly Observation<ServiceState>[];

/**
 * `swarm.rebalance`: spreads the tasks of services over the nodes that there are now, by a rolling forced
 * update of one service after the other. Swarm moves no task of its own accord when a node joins.
 */
export function createSwarmRebalance({
  swarm,
}: {
  readonly swarm: Swarm;
}): Action<Params, Services> {
  const restarting = createRestarting({ swarm });
  const { withinMs, apply, verify } = restarting.effect;

  return {
    name: 'swarm.rebalance',
    summary:
      'Spreads the tasks of Swarm services over the nodes that there are now, one service after the other.',
    params,
    convergeWithinMs: withinMs,

    async observe({ service, label = '' }) {
      if (service !== undefined) {
        const observation = await restarting.observe({ service });
        return { ...observation, state: [observation] };
      }
      const services = await restarting.labelled(label);
      return {
        target: { id: `swarm.services/${label}`, name: `the services labelled ${label}` },
        size: 'as they are',
        unit: 'placements',
        version: null,
        state: services,
      };
    },

    plan({ service }, { target, size, unit, version, state }) {
      const [first] = state;
      if (service !== undefined && first !== undefined) {
        const planned = restarting.plan({ ...first, size });
        return planned.kind === 'change'
          ? { ...planned, does: `rebalance ${target.name}` }
          : planned;
      }
      const wishes = state.flatMap((one) => restarting.ownersWish(one) ?? []);
      const names = state
        .filter((one) => restarting.ownersWish(one) === undefined)
        .map((one) => one.target.name);
      if (names.length === 0 || size !== 'as they are') {
        const none = ['there are none to spread', ...wishes].join('; ');
        const detail = `${target.name}${names.length === 0 ? `: ${none}` : ' are spread'}`;
        return { kind: 'at_bound', bound: 'min', detail };
      }
      const does = `rebalance ${names.join(', ')}, one after the other`;
      return {
        kind: 'change',
        target,
        from: size,
        to: `spread anew: ${names.join(', ')}`,
        unit,
        does,
        version,
      };
    },

    planTo: (_params, { target }) =>
      refused(`${target.name}: spreading tasks anew cannot be taken back`),

    apply: async (change) => apply(change),
    verify: async (change) => verify(change),

    sequence: {
      outline: () => undefined,
      withinMs: () => withinMs,

      async look({ service, label = '' }, plan): Promise<Services> {
        if (service === undefined) return restarting.labelled(label);
        const observation = await restarting.observe({ service });
        if (observation.target.id === plan.target.id) return [observation];
        throw new TargetError('not_found', `service ${service} is another one now`);
      },

      next({ service }, _plan, done, services: Services) {
        const failed = done.find(({ converged }) => !converged);
        if (failed !== undefined) return { kind: 'failed', detail: failed.seen };
        const next = restarting.nextOf(services, done, service !== undefined);
        if (next.kind === 'change') return next;
        return { kind: 'complete', detail: describeRestarted(done, next.left) };
      },
    },
  };
}
