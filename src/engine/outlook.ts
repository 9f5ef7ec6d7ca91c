import type { AnyAction, Bounds, Observation } from '../action/action.js';
import type { Outlook, Run, RunStep } from '../ledger/run.js';
import type { Change } from '../target/change.js';

/** A step that is still to be taken, with its target as it was read. */
interface Ahead {
  readonly action: AnyAction;
  readonly step: Pick<RunStep, 'params' | 'repeat' | 'target'>;
  readonly observation: Observation<unknown>;
}

/**
 * What the steps would do one after another if none of them helped: every repeat, up to the bounds.
 * Pure. A step finds its target as the steps before it leave it.
 */
export function foresee(ahead: readonly Ahead[], fallback: Bounds): readonly Outlook[] {
  const sizes = new Map<string, Observation<unknown>['size']>();
  return ahead.map(({ action, step, observation }) => {
    const { target, unit } = observation;
    // two actions may count different things of one target
    const counted = `${unit} of ${target.id}`;
    const from = sizes.get(counted) ?? observation.size;
    const to: Outlook['to'][number][] = [];
    let detail = '';
    let followedBy: string | undefined;
    let does: string | undefined;
    while (to.length < step.repeat) {
      const size = to.at(-1) ?? from;
      const plan = action.plan(step.params, { ...observation, size }, fallback);
      if (plan.kind !== 'change') {
        detail = plan.detail;
        break;
      }
      followedBy ??= action.sequence?.outline(step.params, plan);
      to.push(plan.to);
      does ??= plan.does;
    }
    sizes.set(counted, to.at(-1) ?? from);
    const owner = observation.says?.owner;
    const words = {
      ...(does && { does }),
      ...(owner && { owner }),
      ...(followedBy && { followedBy }),
    };
    return { name: target.name, unit, ...words, from, to, detail };
  });
}

/**
 * Whether a change is one of those that the person was shown who let the run go on; where nobody was
 * shown any, every change is. What is no size is compared by what it leads to: it has more than one way there.
 */
export function isAsShown({ shown, step }: Run, { from, to }: Change): boolean {
  if (shown === null || shown === undefined) return true;
  const outlook = shown[step];
  if (outlook === undefined) return false;
  if (typeof to !== 'number') return outlook.to.includes(to);
  const states = [outlook.from, ...outlook.to];
  return outlook.to.some((state, index) => state === to && states[index] === from);
}
