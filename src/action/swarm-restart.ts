import { z } from 'zod';
import type { Change } from '../target/change.js';
import type { Swarm } from '../target/swarm.js';
import { TargetError } from '../target/target-error.js';
import type { Action } from './action.js';
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

const params = z.strictObject(serviceParam);

const name = 'swarm.restart';
const unit = 'forced updates';

/**
 * `swarm.restart`: replaces all tasks of a Swarm service, as its update settings say. What it changes is
 * the service's counter of forced updates; it stands as a text, because a restart is neither up nor down.
 */
export function createSwarmRestart({
  swarm,
}: {
  readonly swarm: Swarm;
}): Action<z.infer<typeof params>, ServiceState> {
  return {
    name,
    summary: 'Restarts the tasks of a Docker Swarm service, as its update settings say.',
    params,
    convergeWithinMs: 10 * 60_000,

    async observe({ service: nameOrId }) {
      const service = await swarm.service(nameOrId);
      return { ...observedService(service), size: countAs(service.forceUpdate), unit };
    },

    plan(_params, { target, size, version, state }) {
      if (state.mode !== 'replicated' && state.mode !== 'global') {
        return refused(`service ${target.name} is a ${state.mode}; a restart would run it anew`);
      }
      const forbidden = refusedByLabels(target, state);
      if (forbidden !== undefined) return forbidden;
      const rollout = rolloutOf(state);
      if (rollout !== undefined) {
        return { kind: 'wait', detail: `service ${target.name}: ${rollout}` };
      }
      const to = countAs(countOf(size) + 1);
      return {
        kind: 'change',
        target,
        from: size,
        to,
        unit,
        version,
        does: `restart ${target.name}`,
      };
    },

    planTo: (_params, { target }) =>
      refused(`service ${target.name}: a restart cannot be taken back`),

    async apply(change) {
      const forceUpdate = wantedCount(change);
      await swarm.restart(await unchangedService(swarm, change, name), forceUpdate);
    },

    async verify(change) {
      const wanted = wantedCount(change);
      const service = await swarm.service(serviceIdOf(change, name));
      const { forceUpdate, updateState } = service;
      if (forceUpdate !== wanted) {
        const detail = `service ${service.name} stands at ${forceUpdate} forced updates, not ${wanted}`;
        return { kind: 'differs', observed: countAs(forceUpdate), detail };
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

function countAs(count: number): string {
  return `forced update ${count}`;
}

/** @returns NaN where a state is none of ours. */
function countOf(size: number | string): number {
  const [, count] = /^forced update (\d+)$/.exec(String(size)) ?? [];
  return count === undefined ? Number.NaN : Number(count);
}

function wantedCount({ target, to }: Change): number {
  const count = countOf(to);
  if (Number.isSafeInteger(count)) return count;
  throw new TargetError('invalid', `${name} cannot bring ${target.id} to ${to}`);
}
