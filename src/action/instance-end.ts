import type { AutoScaling } from '../target/auto-scaling.js';
import type { AutoScalingGroup, GroupInstance } from '../target/auto-scaling-answer.js';
import type { Change } from '../target/change.js';
import { TargetError } from '../target/target-error.js';
import type { Effect } from './effect.js';

const idPrefix = 'asg.instance/';

/** The change that ends one instance and has its group want one fewer. */
export function instanceEnd(group: AutoScalingGroup, { id, state }: GroupInstance): Change {
  return {
    kind: 'change',
    target: { id: `${idPrefix}${group.name}/${id}`, name: id },
    from: state,
    to: 'ended',
    unit: 'lives',
    does: `end instance ${id} of ${group.name}`,
    // the group has no version: what it is set to tells whether somebody else has resized it
    version: String(group.desired),
  };
}

/** Ends exactly one instance of a group, and has the group want one fewer in the same step. */
export function createInstanceEnd({ autoScaling }: { readonly autoScaling: AutoScaling }): Effect {
  return {
    // lifecycle hooks may hold it for a while
    withinMs: 30 * 60_000,

    async apply(change) {
      const { group: name, id } = instanceOf(change);
      const group = await autoScaling.group(name);
      const state = group.instances.find((one) => one.id === id)?.state ?? 'gone';
      if (state !== change.from || String(group.desired) !== change.version) {
        const now = `${id} is ${state}, and ${group.desired} instances are wanted`;
        throw new TargetError('stale', `group ${name} has changed since it was read: ${now}`);
      }
      await autoScaling.terminateInstance(id);
    },

    async verify(change) {
      const { group: name, id } = instanceOf(change);
      const { instances } = await autoScaling.group(name);
      const state = instances.find((one) => one.id === id)?.state;
      const detail = `instance ${id} of ${name} is ${state ?? 'gone'}`;
      if (state === undefined) return { kind: 'converged', detail };
      if (state.startsWith('Terminat')) return { kind: 'converging', detail };
      return { kind: 'differs', observed: state, detail };
    },
  };
}

/** The names of groups may hold slashes; ids do not. */
function instanceOf({ target, to }: Change): { readonly group: string; readonly id: string } {
  const end = target.id.lastIndexOf('/');
  if (target.id.startsWith(idPrefix) && end > idPrefix.length && to === 'ended') {
    return { group: target.id.slice(idPrefix.length, end), id: target.id.slice(end + 1) };
  }
  throw new TargetError('invalid', `${target.id} cannot be brought to ${to}`);
}
