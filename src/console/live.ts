import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { messageOf } from '../lib/errors.js';
import type { Logger } from '../lib/logger.js';

/** Tells its listeners that something in the ledger has changed. */
export interface Live {
  /**
   * Calls `wake` after each change, at most about once a second; `null`: too many are told already.
   *
   * @param onStop is called when no listener is told any more
   * @returns what ends it
   */
  subscribe(wake: () => void, onStop: () => void): (() => void) | null;
  stop(): void;
}

/** How many browsers one process tells. */
const maxSubscribers = 200;
/** What happens within this time is told together. */
const gatherMs = 1_000;
const blockMs = 10_000;
const afterFaultMs = 2_000;

/**
 * Watches the audit trail, to which everything that changes the ledger appends: one reader for all
 * browsers of this process, which reads only while there are any.
 *
 * @param options.redis a connection of its own, for it blocks; it need not be connected yet
 * @param options.stream the key of the audit stream
 */
export function createLive({
  redis,
  stream,
  log,
}: {
  readonly redis: Redis;
  readonly stream: string;
  readonly log: Logger;
}): Live {
  const subscribers = new Map<symbol, { wake: () => void; onStop: () => void }>();
  let isReading = false;
  let isStopped = false;
  /** The id of the last record that was told; `null`: of the newest one there is. */
  let after: string | null = null;
  // another Redis may have taken over, whose trail ends elsewhere
  redis.on('close', () => {
    after = null;
  });
  // what happened while no one could read is told now
  redis.on('ready', wakeAll);

  function wakeAll(): void {
    for (const { wake } of subscribers.values()) wake();
  }

  async function read(): Promise<void> {
    isReading = true;
    while (subscribers.size > 0 && !isStopped) {
      try {
        after ??= await newestId();
        const found = await redis.xread('COUNT', 1_000, 'BLOCK', blockMs, 'STREAMS', stream, after);
        const last = found?.[0]?.[1].at(-1)?.[0];
        if (last === undefined) continue;
        after = last;
        wakeAll();
        await sleep(gatherMs, undefined, { ref: false });
      } catch (error) {
        if (isStopped) break;
        log.warn({ fault: messageOf(error) }, 'console updates interrupted');
        after = null;
        await sleep(afterFaultMs, undefined, { ref: false });
        wakeAll();
      }
    }
    isReading = false;
    after = null;
  }

  async function newestId(): Promise<string> {
    const [newest] = await redis.xrevrange(stream, '+', '-', 'COUNT', 1);
    return newest?.[0] ?? '0-0';
  }

  return {
    subscribe(wake, onStop) {
      if (isStopped || subscribers.size >= maxSubscribers) return null;
      const key = Symbol('subscriber');
      subscribers.set(key, { wake, onStop });
      if (!isReading) void read();
      return () => subscribers.delete(key);
    },
    stop() {
      isStopped = true;
      for (const { onStop } of subscribers.values()) onStop();
      subscribers.clear();
      redis.disconnect();
    },
  };
}
