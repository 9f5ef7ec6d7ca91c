import { isDeepStrictEqual } from 'node:util';

/**
 * What an action changes. `id` is canonical: two names of one thing have one id, because runs lock
 * targets by it and limits count by it.
 */
export interface Target {
  /** `swarm.service/<service id>`, `asg/<group name>`. */
  readonly id: string;
  /** The name people know it by. */
  readonly name: string;
}

/** A target of one of these kinds: the first part of its id says which. */
export type TargetOf<Kind extends string> = Target & { readonly id: `${Kind}/${string}` };

/**
 * A state of a target: a size (replicas, instances) is a number, and nothing else is; what is no size is
 * a word or a mapping.
 */
export type TargetState =
  | number
  | string
  | { readonly [name: string]: string | number | boolean | null };

/** The state of a target that does not exist yet. */
export const absent = 'absent';

/** What a change asks of its target, as data: the state it was found in, and the absolute state wanted. */
export type Operation = {
  /** `resize`, `restart`, `drain`; playbook tests name it so, too. */
  readonly kind: string;
  readonly from: TargetState;
  readonly to: TargetState;
};

/** An intended change of one target. It is recorded before it is applied. */
export interface Change<Op extends Operation = Operation> {
  readonly kind: 'change';
  readonly target: Target;
  /** What is asked of it, as data. Whatever people read of it is made from this (`integrations/operations.ts`). */
  readonly op: Op;
  /** The version of the target that was read, for a compare-and-set where its API has one; else `null`. */
  readonly version: string | null;
}

/** Whether two states are the same. */
export function isSameState(one: TargetState, other: TargetState): boolean {
  return isDeepStrictEqual(one, other);
}
