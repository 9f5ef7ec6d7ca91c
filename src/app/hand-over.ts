import type { HandOver } from '../queue/queues.js';
import type { ActingThread } from './thread.js';

/** Hands notifications over to the acting thread of this process, one at a time. */
export function createHandOver({ take }: Pick<ActingThread, 'take'>): HandOver {
  let isFree = true;
  return {
    async take(data) {
      if (!isFree) return false;
      isFree = false;
      const taking = take(data).finally(() => {
        isFree = true;
      });
      // too late, or not at all: the queue takes it
      return taking.catch(() => false);
    },
  };
}
