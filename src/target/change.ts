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

/**
 * A size (replicas, instances), or the name of a state: what goes up or down is a number, and nothing
 * else is.
 */
export type Quantity = number | string;

/** An intended change: where the target is and the absolute state wanted. It is recorded before it is applied. */
export interface Change {
  readonly kind: 'change';
  readonly target: Target;
  readonly from: Quantity;
  readonly to: Quantity;
  /** What the quantities count, in the plural: `replicas`, `instances`. */
  readonly unit: string;
  /** What it does, for people, as it follows "would": `restart web`. A size has none; its numbers say it. */
  readonly does?: string;
  /** The version of the target that was read, for a compare-and-set where its API has one; else `null`. */
  readonly version: string | null;
}
