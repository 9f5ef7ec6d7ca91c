import { type Clock, systemClock } from '../../lib/clock.js';
import { TargetError } from './target-error.js';
import { DeadlineError } from './transport.js';

/** After so many calls in a row that ran out of time no other caller waits for the system. */
const maxLate = 3;
/** How long it is then left alone before one call tries it again. */
const restMs = 10_000;

/**
 * Keeps a system that takes calls and never answers from holding up its callers: after a few calls
 * that ran out of time the next ones fail at once, and every 10 s one is let through to see whether it
 * answers again. A system that answers at all, be it with an error, is asked by all.
 *
 * @param options.system as it is called in errors: `Docker Swarm`
 */
export function createCircuit({
  system,
  clock = systemClock,
}: {
  readonly system: string;
  readonly clock?: Clock;
}) {
  let lateInARow = 0;
  let restUntilMs = 0;
  let probing = false;

  /**
   * Makes the call, or fails at once.
   *
   * @throws TargetError `unavailable` when the call is not made, else what the call throws.
   */
  return async function through<T>(call: () => Promise<T>): Promise<T> {
    const isOpen = lateInARow >= maxLate;
    if (isOpen && (probing || clock.now() < restUntilMs)) {
      throw new TargetError(
        'unavailable',
        `${system}: not asked, because it did not answer the last ${lateInARow} times; Jidoka tries again every ${restMs / 1_000} s`,
      );
    }
    if (isOpen) probing = true;
    try {
      const answer = await call();
      lateInARow = 0;
      return answer;
    } catch (error) {
      lateInARow = isLate(error) ? lateInARow + 1 : 0;
      restUntilMs = clock.now() + restMs;
      throw error;
    } finally {
      if (isOpen) probing = false;
    }
  };
}

/** The AWS SDK has a deadline of its own for each attempt, and a name for it. */
function isLate(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return (
    cause instanceof DeadlineError || (cause instanceof Error && cause.name === 'TimeoutError')
  );
}
