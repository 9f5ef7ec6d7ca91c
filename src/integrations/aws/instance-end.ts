import { z } from 'zod';
import type { Change } from '../contract/change.js';
import type { Effect } from '../contract/effect.js';
import { type OperationOf, operationKind, operationOf } from '../contract/operation.js';
import { TargetError } from '../contract/target-error.js';
import type { AutoScaling } from './auto-scaling.js';
import type { AutoScalingGroup, GroupInstance } from './auto-scaling-answer.js';

/** Ends an instance; `from` is its lifecycle state. */
export const instanceEndKind = operationKind({
  kind: 'end_instance',
  schema: z.strictObject({
    kind: z.literal('end_instance'),
    from: z.string(),
    to: z.literal('ended'),
    group: z.string(),
  }),
  describe: ({ group }, name) => `end instance ${name} of ${group}`,
  risk: () => 'Running tasks are interrupted.',
});

/** The change that ends one instance and has its group want one fewer. */
export function instanceEnd(
  group: AutoScalingGroup,
  { id, state }: GroupInstance,
): Change<OperationOf<typeof instanceEndKind>> {
  return {
    kind: 'change',
    target: { id: `asg.instance/${group.name}/${id}`, name: id },
    op: { kind: 'end_instance', from: state, to: 'ended', group: group.name },
    // the group has no version: what it is set to tells whether someone else has resized it
    version: String(group.desired),
  };
}

/** Ends exactly one instance of a group, and has the group want one fewer in the same step. */
export function createInstanceEnd({ autoScaling }: { readonly autoScaling: AutoScaling }): Effect {
  return {
    // lifecycle hooks may hold it for a while
    withinMs: 30 * 60_000,

    async apply(change) {
      const { from, group: name } = operationOf([instanceEndKind], change);
      const id = change.target.name;
      const group = await autoScaling.group(name);
      const state = group.instances.find((one) => one.id === id)?.state ?? 'gone';
      if (state !== from || String(group.desired) !== change.version) {
        const now = `${id} is ${state}, and ${group.desired} instances are wanted`;
        throw new TargetError('stale', `group ${name} has changed since it was read: ${now}`);
      }
      await autoScaling.terminateInstance(id);
    },

    async verify(change) {
      const { group: name } = operationOf([instanceEndKind], change);
      const id = change.target.name;
      const { instances } = await autoScaling.group(name);
      const state = instances.find((one) => one.id === id)?.state;
      const detail = `instance ${id} of ${name} is ${state ?? 'gone'}`;
      if (state === undefined) return { kind: 'converged', detail };
      if (state.startsWith('Terminat')) return { kind: 'converging', detail };
      return { kind: 'differs', observed: state, detail };
    },
  };
}
