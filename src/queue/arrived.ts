import type { Received } from '../engine/received.js';
import { messageOf } from '../errors.js';
import type { AnyLedger } from '../ledger/ledger.js';
import { isConnectionLost } from '../ledger/redis-fault.js';
import type { Logger } from '../logger.js';
import { type IntakeJob, notificationsOf } from './intake-job.js';

/*
 * Notifications that are handed over, instead of waiting in a queue: they lie in the ledger with an item
 * of the agenda until they are taken in. Whatever goes wrong with that, the item is looked at soon, and
 * puts them into the queue.
 */

const kind = 'arrived:';

/** How long whoever has notifications is given before the sweep may take them for lost. */
const givenMs = 1_000;

/**
 * Writes notifications down.
 *
 * @param data of a job, as JSON
 * @returns the id under which they are kept
 * @throws what ioredis throws when Redis does not take them.
 */
export async function keepArrived(
  { commit, keys, newId }: AnyLedger,
  data: string,
  nowMs: number,
): Promise<string> {
  const id = newId();
  await commit({
    checks: [],
    writes: [
      ['SET', keys.arrived(id), data],
      ['ZADD', keys.agenda, nowMs + givenMs, kind + id],
    ],
    nowMs,
  });
  return id;
}

interface Options {
  readonly ledger: AnyLedger;
  /** Takes notifications in that arrived together. */
  readonly takeAll: (batch: readonly Received[]) => Promise<void>;
  /** Puts notifications into the queue. */
  readonly enqueue: (batch: readonly Received[]) => Promise<void>;
  readonly log: Logger;
}

/** Takes in notifications that were written down and handed over. */
export function createArrived({ ledger, takeAll, enqueue, log }: Options) {
  const { keys } = ledger;
  const inHand = new Map<string, Promise<void>>();

  /** Takes notifications in that were just written down. Never throws: what fails is looked at again. */
  function take(id: string, data: string): Promise<void> {
    const taking = takeNow(id, data).finally(() => inHand.delete(id));
    inHand.set(id, taking);
    return taking;
  }

  async function takeNow(id: string, data: string): Promise<void> {
    try {
      await takeAll(notificationsOf(JSON.parse(data) as IntakeJob));
      await letGo(id);
    } catch (error) {
      if (isConnectionLost(error)) return;
      log.warn({ arrived: id, fault: messageOf(error) }, 'a notification goes into the queue');
    }
  }

  /**
   * Looks at an item of the agenda if it is of this kind: puts notifications that nobody took in into the
   * queue. `false`: it is of another kind.
   *
   * @throws what ioredis throws; it is looked at again then.
   */
  async function look(item: string): Promise<boolean> {
    if (!item.startsWith(kind)) return false;
    const id = item.slice(kind.length);
    await inHand.get(id);
    const data = await ledger.redis.get(keys.arrived(id));
    if (data !== null) await enqueue(notificationsOf(JSON.parse(data) as IntakeJob));
    await letGo(id);
    return true;
  }

  async function letGo(id: string): Promise<void> {
    const writes = [['DEL', keys.arrived(id)] as const, ['ZREM', keys.agenda, kind + id] as const];
    await ledger.commit({ checks: [], writes, nowMs: Date.now() });
  }

  /** Lets what is in hand finish, for at most `withinMs`. */
  async function close(withinMs: number): Promise<void> {
    const late = new Promise<void>((resolve) => setTimeout(resolve, withinMs).unref());
    await Promise.race([Promise.all(inHand.values()), late]);
  }

  return { take, look, close };
}
