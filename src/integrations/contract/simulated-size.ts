import { z } from 'zod';
import type { Clock } from '../../lib/clock.js';
import { durationField } from '../../lib/field.js';
import { TargetError } from './target-error.js';

/** How a simulated target takes a change, as a test writes it. */
export const reactionFields = {
  takes: durationField.default(5_000).describe('How long it takes to converge.'),
  replies: z
    .enum(['converges', 'stuck', 'fails', 'refuses', 'unavailable'])
    .default('converges')
    .describe(
      'How it reacts to a change: it converges, new tasks never run, the rollout stops half-way, it rejects the change, or it is not reachable.',
    ),
};

/** How a simulated target takes a change. */
export type Reaction = z.output<z.ZodObject<typeof reactionFields>>;

/** A size that takes its time to become another. */
export interface ChangingSize {
  wanted: number;
  /** What ran before the last change. */
  before: number;
  changedAtMs: number;
}

/** Creates a size that has not changed lately. */
export function steadySize(size: number): ChangingSize {
  return { wanted: size, before: size, changedAtMs: Number.NEGATIVE_INFINITY };
}

/** Returns how long a change takes, in milliseconds; `null`: it never comes into effect. */
export function takesMs({ takes, replies }: Reaction): number | null {
  return replies === 'converges' ? takes : null;
}

/** Returns how many run now. */
export function runningNow(size: ChangingSize, reaction: Reaction, clock: Clock): number {
  const { wanted, before, changedAtMs } = size;
  const afterMs = takesMs(reaction);
  if (afterMs === null) return Math.min(before, wanted);
  return changedAtMs + afterMs <= clock.now() ? wanted : before;
}

/** Asks for another size. */
export function resize(size: ChangingSize, wanted: number, reaction: Reaction, clock: Clock): void {
  size.before = runningNow(size, reaction, clock);
  size.wanted = wanted;
  size.changedAtMs = clock.now();
}

/** @throws TargetError `unavailable` if the target cannot be reached. */
export function requireReachable(what: string, { replies }: Reaction): void {
  if (replies !== 'unavailable') return;
  throw new TargetError('unavailable', `${what}: not reachable, as the test says`);
}

/** @throws TargetError `invalid` if the target refuses changes. */
export function requireWilling(what: string, { replies }: Reaction): void {
  if (replies !== 'refuses') return;
  throw new TargetError('invalid', `${what}: the change is refused, as the test says`);
}
