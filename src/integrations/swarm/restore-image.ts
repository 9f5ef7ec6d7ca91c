import { z } from 'zod';
import { formatTime } from '../../lib/time.js';
import type { Action, Observation, Plan } from '../contract/action.js';
import { type OperationOf, operationKind, operationOf } from '../contract/operation.js';
import { refused } from '../contract/refused.js';
import type { Swarm } from './client.js';
import type { LastChange, ServiceDeploys } from './deploys.js';
import { imageIn, shortImage } from './image.js';
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

const name = 'swarm.restore_image';

/** The image that a service runs, as Swarm has it. */
const imageState = z.strictObject({ image: z.string().min(1) });

/** Takes back the deploy of an image. */
export const restoreImage = operationKind({
  kind: 'restore_image',
  schema: z.strictObject({
    kind: z.literal('restore_image'),
    from: imageState,
    to: imageState,
    deployedAtMs: z.int(),
  }),
  describe({ from, to, deployedAtMs }, service) {
    const images = `from image ${shortImage(from.image)} back to ${shortImage(to.image)}`;
    return `take ${service} ${images} (deployed ${formatTime(deployedAtMs)})`;
  },
  risk: () => 'Running tasks are interrupted.',
});

interface State extends ServiceState {
  readonly lastChange: LastChange;
}

/**
 * `swarm.restore_image`: puts back the image that a service had before its last deploy, as the recorded history
 * has it. Swarm's own previous specification is not used: after any scaling it is that from before the scaling.
 */
export function createSwarmRestoreImage({
  swarm,
  deploys,
}: {
  readonly swarm: Swarm;
  readonly deploys: Pick<ServiceDeploys, 'lastChange'>;
}): Action<z.infer<typeof params>, State, ServiceTarget> {
  return {
    name,
    summary:
      'Puts back the image that a Docker Swarm service had before its last deploy. Nothing else of it changes.',
    params,
    operations: [restoreImage],
    convergeWithinMs: 10 * 60_000,

    async observe({ service: nameOrId }) {
      const service = await swarm.service(nameOrId);
      const seen = observedService(service);
      const lastChange = await deploys.lastChange(seen);
      return {
        ...seen,
        size: { image: imageIn(service.spec) ?? '' },
        unit: 'image',
        state: { ...seen.state, lastChange },
      };
    },

    plan,

    planTo: (_params, { target }) =>
      refused(`service ${target.name}: an image that was put back is not undone`),

    async apply(change) {
      const { image } = operationOf([restoreImage], change).to;
      await swarm.setImage(await unchangedService(swarm, change, name), image);
    },

    async verify(change) {
      const wanted = operationOf([restoreImage], change).to.image;
      const service = await swarm.service(serviceIdOf(change, name));
      const image = imageIn(service.spec) ?? '';
      if (image !== wanted) {
        const detail = `service ${service.name} has image ${shortImage(image)}, not ${shortImage(wanted)}`;
        return { kind: 'differs', observed: { image }, detail };
      }
      const tasks = await swarm.tasks(service.id);
      const detail = describeTasks(service, tasks);
      const { updateState } = service;
      if (updateState === 'paused') {
        return { kind: 'failed', detail: `${detail}; Swarm paused it because tasks failed` };
      }
      const isOver = updateState === undefined || updateState === 'completed';
      const isRenewed = tasks.images.every((one) => one === wanted);
      if (isOver && isRenewed && allRun(service, tasks)) return { kind: 'converged', detail };
      return { kind: 'converging', detail: `${detail} (rollout: ${updateState ?? 'not begun'})` };
    },
  };
}

function plan(_params: unknown, { target, size, version, state }: Observation<State>): Plan {
  const { mode, updateState, lastChange } = state;
  const service = `service ${target.name}`;
  if (mode !== 'replicated' && mode !== 'global') {
    return refused(`${service} is a ${mode}; another image would run it again`);
  }
  const forbidden = refusedByLabels(target, state);
  if (forbidden !== undefined) return forbidden;
  if (updateState?.endsWith('paused')) {
    return refused(`${service}: its rollout is ${updateState}; swarm.rollback takes it back`);
  }
  const rollout = rolloutOf(state);
  if (rollout !== undefined) return { kind: 'wait', detail: `${service}: ${rollout}` };
  const deploy = deployToTakeBack(lastChange, imageState.parse(size).image);
  if (typeof deploy === 'string') return refused(`${service}: ${deploy}`);
  const op: OperationOf<typeof restoreImage> = { kind: 'restore_image', ...deploy };
  return { kind: 'change', target, op, version };
}

/** The deploy that can be taken back for sure, or why there is none. */
function deployToTakeBack(
  last: LastChange,
  image: string,
): Omit<OperationOf<typeof restoreImage>, 'kind'> | string {
  if (last.kind === 'unknown') return `${last.detail}, and cannot tell the image before`;
  if (last.kind === 'none') {
    return `Jidoka saw no deploy since ${formatTime(last.sinceMs)}; what was before, it does not know`;
  }
  const { kind, atMs, from, to, besides, missed } = last.event;
  const at = formatTime(atMs);
  if (kind === 'rolled_back') return `Swarm has rolled back the last deploy (${at})`;
  if (kind !== 'deployed' || from === undefined || from === '') {
    return `other settings changed last (${at}), not the image; a person has to decide what to take back`;
  }
  if (to !== image) return `it runs ${shortImage(image)}, and the last recorded deploy is another`;
  if (besides) {
    return `other settings changed with the image (${at}); a person has to decide what to take back`;
  }
  if (missed) return `versions before the last deploy (${at}) were not seen`;
  if (last.replacedAtMs !== undefined) {
    const before = formatTime(last.replacedAtMs);
    return `image ${shortImage(image)} was replaced before (${before}) and deployed again; an image is taken back only once in 7 days`;
  }
  return { from: { image }, to: { image: from }, deployedAtMs: atMs };
}
