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

/** Whether a change goes further than what the person was shown who let the run go on. */
export function isBeyondShown({ shown, step }: Run, { from, to }: Change): boolean {
  const outlook = shown?.[step];
  if (outlook === undefined) return shown !== null && shown !== undefined;
  const furthest = outlook.to.at(-1) ?? outlook.from;
  if (typeof to !== 'number' || typeof furthest !== 'number') return !outlook.to.includes(to);
  return to > Number(from) ? to > furthest : to < furthest;
}
