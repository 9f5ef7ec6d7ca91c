import { setTimeout as sleep } from 'node:timers/promises';
import type { Place } from '../engine/parts.js';
import { messageOf } from '../errors.js';
import type { Logger } from '../logger.js';

type Wake = (item: string, atMs: number) => Promise<void>;

interface Options {
  /** Has an item of the agenda looked at by way of the queue. */
  readonly wake: Wake;
  /** How many items are looked at here at a time; what comes beyond that goes by way of the queue. */
  readonly most?: number;
  readonly log: Logger;
}

const usualMost = 32;

/**
 * Has what is due at once looked at in this very process, without a job: an alert that is alone waits for
 * no queue. It is only quicker: where it is full, fails or is closed there is the queue, and what a crash
 * cuts off is still on the agenda.
 */
export function createShortWay({ wake: wakeByQueue, most = usualMost, log }: Options) {
  const inWork = new Set<string>();
  /** Woken anew while they were looked at: what they were woken for may have come too late for that look. */
  const again = new Set<string>();
  let look: ((item: string) => Promise<void>) | undefined;

  /** Has an item of the agenda looked at when it is due. Messages have a worker of their own. */
  async function wake(item: string, atMs: number): Promise<void> {
    if (inWork.has(item) && atMs <= Date.now()) {
      again.add(item);
    } else if (look === undefined || item.startsWith('message:') || atMs > Date.now()) {
      return wakeByQueue(item, atMs);
    } else if (inWork.size >= most) {
      return wakeByQueue(item, atMs);
    } else {
      const looking = look;
      inWork.add(item);
      void workHere(item, () => looking(item));
    }
  }

  /** A place to work on an item here and now; `null`: there is none free, or it is being worked on. */
  function place(item: string): Place | null {
    if (look === undefined || inWork.size >= most || inWork.has(item)) return null;
    inWork.add(item);
    return {
      take: (work) => void workHere(item, work),
      leave: () => inWork.delete(item),
    };
  }

  /** Never throws: as a job it is tried again, and its failure told. */
  async function workHere(item: string, work: () => Promise<void>): Promise<void> {
    let failed = false;
    try {
      await work();
    } catch (error) {
      log.warn({ item, fault: messageOf(error) }, 'it is looked at again');
      failed = true;
    }
    inWork.delete(item);
    if (!again.delete(item) && !failed) return;
    await wakeByQueue(item, Date.now()).catch((error: unknown) => {
      log.warn({ item, fault: messageOf(error) }, 'the sweep will find it');
    });
  }

  /** From now on it is taken. */
  function open(looking: (item: string) => Promise<void>): void {
    look = looking;
  }

  /** Takes nothing more, and lets what is in work finish, for at most `withinMs`. */
  async function close(withinMs: number): Promise<void> {
    look = undefined;
    const giveUpAt = Date.now() + withinMs;
    while (inWork.size > 0 && Date.now() < giveUpAt) await sleep(20);
  }

  return { wake, place, open, close };
}
