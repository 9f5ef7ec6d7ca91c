import type { HandOver } from '../queue/queues.js';
import type { ActingThread } from './thread.js';

/** More than an alert now and then is the queue's affair, which shares it among all workers. */
const mostInHand = 2;

/** Hands notifications over to the acting thread of this process as soon as they are durable. */
export function createHandOver({ takeEarly }: Pick<ActingThread, 'takeEarly'>): HandOver {
  let inHand = 0;
  return {
    isFree: () => inHand < mostInHand,
    take(jobId, data) {
      inHand += 1;
      const over = () => {
        inHand -= 1;
      };
      // whatever keeps it from answering, the queue has the job
      takeEarly(jobId, data).then(over, over);
    },
  };
}
