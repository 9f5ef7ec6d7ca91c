import type { Clock } from '../../clock.js';
import { TargetError } from '../../target/target-error.js';
import type { Reaction } from './world.js';

/** Something of a certain size that takes its time to get to another. */
export interface Capacity {
  wanted: number;
  /** What ran before the last change. */
  before: number;
  changedAtMs: number;
}

/** Something that stands at its size. */
export function capacityOf(size: number): Capacity {
  return { wanted: size, before: size, changedAtMs: Number.NEGATIVE_INFINITY };
}

/** How many of it run now. */
export function runningNow(
  { wanted, before, changedAtMs }: Capacity,
  reaction: Reaction,
  clock: Clock,
): number {
  if (reaction.kind !== 'converge') return Math.min(before, wanted);
  return changedAtMs + reaction.afterMs <= clock.now() ? wanted : before;
}

/** Asks for another size. */
export function resize(capacity: Capacity, wanted: number, reaction: Reaction, clock: Clock): void {
  capacity.before = runningNow(capacity, reaction, clock);
  capacity.wanted = wanted;
  capacity.changedAtMs = clock.now();
}

/** @throws TargetError where the target cannot be reached. */
export function requireReachable(what: string, { kind }: Reaction): void {
  if (kind !== 'unavailable') return;
  throw new TargetError(
    'unavailable',
    `${what} cannot be reached: it is unavailable in this world`,
  );
}

/** @throws TargetError where the target refuses changes. */
export function requireWilling(what: string, { kind }: Reaction): void {
  if (kind !== 'refuse') return;
  throw new TargetError('invalid', `${what} refuses the change, as it does in this world`);
}
