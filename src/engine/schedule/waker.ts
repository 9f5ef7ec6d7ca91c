import { setTimeout as sleep } from 'node:timers/promises';
import type { ScheduleItem, Wake } from '../../ledger/schedule-item.js';
import { messageOf } from '../../lib/errors.js';
import type { Logger } from '../../lib/logger.js';
import { queueOf } from '../../queue/item-queue.js';
import type { Place } from '../context/context.js';

interface Options {
  /** Makes a job of an item, for the time when it is due. */
  readonly enqueue: Wake;
  /** How many items are looked at here at a time; default: 32. */
  readonly max?: number;
  readonly log: Logger;
}

const defaultMax = 32;

/**
 * The way in which everything that is due is woken.
 *
 * What has to be done is on the schedule, a sorted set in Redis, before it is woken, and stays there until
 * it is done. So a wake decides only how soon it is done:
 *
 * - An item that is due now is looked at in this process, if fewer than `max` are.
 * - Any other gets a job in the queue, delayed until it is due. So do messages, which have workers of
 *   their own, and a look that fails: the queue repeats it, and reports it in the end.
 * - A wake that a crash cuts off is made up for by the sweep (`engine/engine.ts`), two seconds after the
 *   item was due.
 *
 * Several looks at one item do no harm: the revision of its record lets one of them change it.
 */
export function createWaker({ enqueue, max = defaultMax, log }: Options) {
  const inWork = new Set<ScheduleItem>();
  /** Woken while they were looked at: that look may have come too early for what they were woken for. */
  const again = new Set<ScheduleItem>();
  let look: ((item: ScheduleItem) => Promise<void>) | undefined;

  /** Has an item of the schedule looked at when it is due. Throws what the queue throws. */
  async function wake(item: ScheduleItem, atMs: number): Promise<void> {
    const isDue = atMs <= Date.now();
    if (isDue && inWork.has(item)) {
      again.add(item);
      return;
    }
    const looking = look;
    if (looking === undefined || !isDue || inWork.size >= max || queueOf(item) !== 'work') {
      return enqueue(item, atMs);
    }
    inWork.add(item);
    void workHere(item, () => looking(item));
  }

  /** A place to work on an item here and now; `null`: none is free, or it is being worked on. */
  function place(item: ScheduleItem): Place | null {
    if (look === undefined || inWork.size >= max || inWork.has(item)) return null;
    inWork.add(item);
    return {
      take: (work) => void workHere(item, work),
      leave: () => inWork.delete(item),
    };
  }

  /** Never throws. */
  async function workHere(item: ScheduleItem, work: () => Promise<void>): Promise<void> {
    let failed = false;
    try {
      await work();
    } catch (error) {
      log.warn({ item, fault: messageOf(error) }, 'item failed inline; queued for another attempt');
      failed = true;
    }
    inWork.delete(item);
    if (!again.delete(item) && !failed) return;
    await enqueue(item, Date.now()).catch((error: unknown) => {
      log.warn({ item, fault: messageOf(error) }, 'item not queued: the next sweep takes it');
    });
  }

  /** Looks at what is due here from now on. */
  function open(looking: (item: ScheduleItem) => Promise<void>): void {
    look = looking;
  }

  /** Takes no more, and lets what is in work finish, for at most `withinMs`. */
  async function close(withinMs: number): Promise<void> {
    look = undefined;
    const giveUpAt = Date.now() + withinMs;
    while (inWork.size > 0 && Date.now() < giveUpAt) await sleep(20);
  }

  return { wake, place, open, close };
}
