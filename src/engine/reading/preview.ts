import { isDeepStrictEqual } from 'node:util';
import type { AnyAction, Bounds, Observation } from '../../integrations/contract/action.js';
import type { Change, Operation } from '../../integrations/contract/change.js';
import { isResize } from '../../integrations/contract/operation.js';
import type { Preview, Run, RunStep } from '../../ledger/run.js';

/** A step that is still to be taken, with its target as it was read. */
interface Ahead {
  readonly action: AnyAction;
  readonly step: Pick<RunStep, 'params' | 'fromExpression' | 'repeat' | 'target'>;
  readonly observation: Observation<unknown>;
}

/**
 * What the steps would do one after another if none of them helped: every repeat, up to the bounds.
 * Pure. A step finds its target as the steps before it leave it.
 */
export function predictSteps(ahead: readonly Ahead[], fallback: Bounds): readonly Preview[] {
  const sizes = new Map<string, Observation<unknown>['size']>();
  return ahead.map(({ action, step, observation }) => {
    const { target, unit } = observation;
    const bounds = { ...fallback, fromExpression: step.fromExpression };
    // two actions may count different things of one target
    const counted = `${unit} of ${target.id}`;
    const from = sizes.get(counted) ?? observation.size;
    const operations: Operation[] = [];
    let detail = '';
    let followedBy: string | undefined;
    while (operations.length < step.repeat) {
      const size = operations.at(-1)?.to ?? from;
      const plan = action.plan(step.params, { ...observation, size }, bounds);
      if (plan.kind !== 'change') {
        detail = plan.detail;
        break;
      }
      followedBy ??= action.sequence?.outline(step.params, plan);
      operations.push(plan.op);
    }
    sizes.set(counted, operations.at(-1)?.to ?? from);
    const owner = observation.settings?.owner;
    const words = {
      ...(owner && { owner }),
      ...(followedBy && { followedBy }),
    };
    return { name: target.name, unit, ...words, from, operations, detail };
  });
}

/**
 * Whether a change is one of those that the person was shown who let the run go on; where no one was
 * shown any, every change is. Where it came from counts for a size only: to any other state there is more than one way.
 */
export function isAsShown({ shown, step }: Run, { op }: Change): boolean {
  if (shown === null || shown === undefined) return true;
  const preview = shown[step];
  if (preview === undefined) return false;
  return preview.operations.some((one) => isSameOperation(one, op));
}

function isSameOperation(one: Operation, other: Operation): boolean {
  const from = isResize(one) ? one.from : other.from;
  return isDeepStrictEqual({ ...one, from }, other);
}
