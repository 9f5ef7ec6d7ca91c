import type { Received } from '../engine/received.js';
import { messageOf } from '../errors.js';
import type { Logger } from '../logger.js';
import { type IntakeJob, notificationsOf } from './intake-job.js';

/** As many as the queue's jobs of one process. What comes beyond that, as when a target hangs, waits there. */
const mostInWork = 4;

interface Options {
  /** Takes notifications in, and calls `onWritten` when the ledger has them. */
  readonly takeAll: (batch: readonly Received[], onWritten?: () => void) => Promise<void>;
  /** Whether Redis can be asked now; else what is taken would wait, and whoever sent it be told to come again. */
  readonly isConnected: () => boolean;
  readonly log: Logger;
}

/**
 * Takes notifications in that were not put into the queue, for as long as nothing of the queue is in work:
 * what waits there comes first, as the news that an alert has resolved before the news that it fires anew.
 */
export function createEarly({ takeAll, isConnected, log }: Options) {
  const inWork = new Set<Promise<void>>();
  let ofQueue = 0;
  let isClosed = false;

  /**
   * Takes notifications in at once; `true` as soon as they are in the ledger, `false` where they cannot
   * be: then they belong into the queue. Never throws.
   *
   * @param data of a job of notifications, as JSON
   */
  function take(data: string): Promise<boolean> {
    const isBusy = ofQueue > 0 || inWork.size >= mostInWork;
    if (isClosed || isBusy || !isConnected()) return Promise.resolve(false);
    return new Promise((answer) => {
      const working = takeNow(data, () => answer(true))
        .catch((error: unknown) => {
          log.warn({ fault: messageOf(error) }, 'a notification is looked at again');
        })
        .finally(() => {
          inWork.delete(working);
          // unless it has been said that the ledger has them
          answer(false);
        });
      inWork.add(working);
    });
  }

  async function takeNow(data: string, onWritten: () => void): Promise<void> {
    await takeAll(notificationsOf(JSON.parse(data) as IntakeJob), onWritten);
  }

  /** Takes in what waited in the queue. Throws what `takeAll` throws. */
  async function takeOfQueue(batch: readonly Received[]): Promise<void> {
    ofQueue += 1;
    try {
      await takeAll(batch);
    } finally {
      ofQueue -= 1;
    }
  }

  /** Takes no more, and lets those in work finish, for at most `withinMs`. */
  async function close(withinMs: number): Promise<void> {
    isClosed = true;
    const late = new Promise<void>((resolve) => setTimeout(resolve, withinMs).unref());
    await Promise.race([Promise.all(inWork), late]);
  }

  return { take, takeOfQueue, close };
}
