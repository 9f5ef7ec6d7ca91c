import { z } from 'zod';
import type { Action } from '../contract/action.js';
import { operationKind, operationOf } from '../contract/operation.js';
import { refused } from '../contract/refused.js';
import type { Swarm } from './client.js';
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

const params = z.strictObject(serviceParam);

const name = 'swarm.restart';

/** The service's counter of forced updates. It is no size, because a restart is neither up nor down. */
export const forceUpdateState = z.strictObject({ forceUpdate: z.int().min(0) });

/** The next forced update. */
export const restart = operationKind({
  kind: 'restart',
  schema: z.strictObject({
    kind: z.literal('restart'),
    from: forceUpdateState,
    to: forceUpdateState,
  }),
  describe: (_op, name) => `restart ${name}`,
  risk: () => 'Running tasks are interrupted.',
});

/** `swarm.restart`: replaces all tasks of a Swarm service, as its update settings say. */
export function createSwarmRestart({
  swarm,
}: {
  readonly swarm: Swarm;
}): Action<z.infer<typeof params>, ServiceState, ServiceTarget> {
  return {
    name,
    summary: 'Restarts the tasks of a Docker Swarm service with its update settings.',
    params,
    operations: [restart],

    learn: ({ service }) => ({
      called: `restart ${service}`,
      does: `Restarts ${service}`,
      target: service,
      params: [{ name: 'service', value: service }],
      guards: { cooldownMs: 30 * 60_000, limit: '3 per 1d' },
      tests: {
        before: { services: { [service]: {} } },
        effect: { key: 'services', name: service, does: restart.kind },
        twice: {
          targets: { services: { [service]: {} } },
          effects: [
            { key: 'services', name: service, does: restart.kind },
            { key: 'services', name: service, does: restart.kind },
          ],
        },
      },
    }),

    convergeWithinMs: 10 * 60_000,

    async observe({ service: nameOrId }) {
      const service = await swarm.service(nameOrId);
      const { forceUpdate } = service;
      return { ...observedService(service), size: { forceUpdate }, unit: 'forced_updates' };
    },

    plan(_params, { target, size, version, state }) {
      if (state.mode !== 'replicated' && state.mode !== 'global') {
        return refused(`service ${target.name} is a ${state.mode}; a restart would run it again`);
      }
      const forbidden = refusedByLabels(target, state);
      if (forbidden !== undefined) return forbidden;
      const rollout = rolloutOf(state);
      if (rollout !== undefined) {
        return { kind: 'wait', detail: `service ${target.name}: ${rollout}` };
      }
      const from = forceUpdateState.parse(size);
      const to = { forceUpdate: from.forceUpdate + 1 };
      return { kind: 'change', target, op: { kind: 'restart', from, to }, version };
    },

    planTo: (_params, { target }) => refused(`service ${target.name}: a restart cannot be undone`),

    async apply(change) {
      const { forceUpdate } = operationOf([restart], change).to;
      await swarm.restart(await unchangedService(swarm, change, name), forceUpdate);
    },

    async verify(change) {
      const wanted = operationOf([restart], change).to.forceUpdate;
      const service = await swarm.service(serviceIdOf(change, name));
      const { forceUpdate, updateState } = service;
      if (forceUpdate !== wanted) {
        const detail = `service ${service.name} stands at ${forceUpdate} forced updates, not ${wanted}`;
        return { kind: 'differs', observed: { forceUpdate }, detail };
      }
      const tasks = await swarm.tasks(service.id);
      const detail = describeTasks(service, tasks);
      // Where there is nothing to replace no rollout begins, and none is recorded.
      if (updateState === 'paused') {
        return { kind: 'failed', detail: `${detail}; Swarm paused it because tasks failed` };
      }
      const isOver = updateState === undefined || updateState === 'completed';
      const isRenewed = tasks.forceUpdates.every((count) => count === wanted);
      if (isOver && isRenewed && allRun(service, tasks)) return { kind: 'converged', detail };
      return { kind: 'converging', detail: `${detail} (rollout: ${updateState ?? 'not begun'})` };
    },
  };
}
