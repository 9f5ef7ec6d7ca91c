import type { Ledger } from '../ledger/ledger.js';
import { keepArrived } from '../queue/arrived.js';
import type { HandOver } from '../queue/queues.js';
import type { ActingThread } from './thread.js';

/** More than an alert now and then is the queue's affair, which shares it among all workers. */
const mostInHand = 2;

/** Hands notifications over to the acting thread of this process as soon as they are durable. */
export function createHandOver({
  ledger,
  thread,
}: {
  readonly ledger: Ledger;
  readonly thread: Pick<ActingThread, 'take'>;
}): HandOver {
  let inHand = 0;
  const over = () => {
    inHand -= 1;
  };
  return {
    isFree: () => inHand < mostInHand,
    async put(data) {
      inHand += 1;
      try {
        const id = await keepArrived(ledger, data, Date.now());
        // whatever keeps it from answering, the agenda has them
        thread.take(id, data).then(over, over);
      } catch (error) {
        over();
        throw error;
      }
    },
  };
}
