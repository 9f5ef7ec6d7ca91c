import { setTimeout as sleep } from 'node:timers/promises';

/** How long others get before each piece of work. */
const pauseMs = 20;

/**
 * Does pieces of work that hold up the event loop one after another, with a pause before each in which
 * others get on.
 */
export function createTurns() {
  let last: Promise<unknown> = Promise.resolve();

  /** @throws what the work throws. */
  return function takeTurn<T>(work: () => T): Promise<T> {
    const mine = last.then(() => sleep(pauseMs)).then(work);
    last = mine.catch(() => {});
    return mine;
  };
}
