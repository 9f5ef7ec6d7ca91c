import type { HandOver } from '../queue/queues.js';
import type { ActingThread } from './thread.js';

/** How long nothing is handed over after the thread was late: it is busy, and may do that twice by now. */
const pauseMs = 1_000;

/** Hands notifications over to the acting thread of this process, one at a time. */
export function createHandOver({ take }: Pick<ActingThread, 'take'>): HandOver {
  let isFree = true;
  let pausedUntilMs = Number.NEGATIVE_INFINITY;
  return {
    async take(data) {
      if (!isFree || performance.now() < pausedUntilMs) return false;
      isFree = false;
      const taking = take(data).finally(() => {
        isFree = true;
      });
      // too late, or not at all: the queue takes it
      return taking.catch(() => {
        pausedUntilMs = performance.now() + pauseMs;
        return false;
      });
    },
  };
}
