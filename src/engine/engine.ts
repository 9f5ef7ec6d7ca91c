import type { Received } from '../alertmanager/received.js';
import { isRedisFault } from '../ledger/redis-fault.js';
import { isScheduleItem, readScheduleItem, type ScheduleItem } from '../ledger/schedule-item.js';
import type { Write } from '../ledger/transaction.js';
import { messageOf } from '../lib/errors.js';
import type { EngineContext } from './context/context.js';
import { createDecider } from './decision/decider.js';
import { askForSilence } from './episode/alertmanager-silence.js';
import { quarantineNotification } from './faults/quarantine.js';
import { retryLater } from './faults/retry-later.js';
import { createIntake } from './intake/intake.js';
import { expire } from './people/expiry.js';
import { remind } from './people/reminder.js';
import { advance, failRun } from './run/advance.js';
import { settleCase } from './run/cases.js';
import { postponeUnknownItem } from './schedule/unknown-item.js';

/** How late an item of the schedule may be before the sweep takes it up. */
const lateMs = 2_000;
const sweepBatchSize = 1_000;
/** How long evidence that the sweep has taken up is left to its queue. */
const evidenceAgainMs = 60_000;

/**
 * The engine: takes notifications in and moves whatever is due on the schedule. Every
 * method may be called again for the same input, by any worker.
 */
export type Engine = ReturnType<typeof createEngine>;

export function createEngine(context: EngineContext) {
  const { ledger, clock, wake } = context;
  const decider = createDecider(context);
  const intake = createIntake(context, decider);

  /** Looks at one item of the schedule. */
  async function look(item: string): Promise<void> {
    if (!isScheduleItem(item)) return postponeUnknownItem(context, item);
    const { kind, id } = readScheduleItem(item);
    switch (kind) {
      case 'run':
        return advance(context, id);
      case 'episode':
        return decider.decideEpisode(id);
      case 'case':
        return settleCase(context, id);
      case 'expiry':
        return expire(context, id);
      case 'reminder':
        return remind(context, id);
      case 'silence':
        return askForSilence(context, id);
      case 'message':
      case 'thread':
      case 'evidence':
        throw new Error(`${item}: the messenger looks at messages, the gatherer at evidence`);
    }
  }

  /**
   * Looking at an item failed again and again: nothing must hang for ever without anybody knowing.
   * What failed because Redis was away is found on the schedule when Redis is back.
   */
  async function lookFailed(item: string, error: Error): Promise<void> {
    if (isRedisFault(error) || !isScheduleItem(item)) return;
    const { kind, id } = readScheduleItem(item);
    if (kind === 'run') await failRun(context, id, error);
    else await retryLater(context, item, error);
  }

  /** Taking a notification in failed again and again: a person gets it. */
  async function takeFailed(received: Received, error: Error): Promise<void> {
    await quarantineNotification(context, received, messageOf(error));
  }

  /** Takes up what a crash or a lost job left behind on the schedule. */
  async function sweep(): Promise<void> {
    for (const { item, atMs } of await ledger.due(clock.now() - lateMs, sweepBatchSize)) {
      await wake(item, atMs);
      if (readScheduleItem(item).kind === 'evidence') await letOthersPass(item);
    }
  }

  /** Evidence that waits for a system which does not answer must not keep the sweep from what is due. */
  async function letOthersPass(item: ScheduleItem): Promise<void> {
    const nowMs = clock.now();
    const later: Write = ['ZADD', ledger.keys.schedule, 'XX', nowMs + evidenceAgainMs, item];
    await ledger.commit({ checks: [], writes: [later], nowMs });
  }

  return { take: intake.take, takeAll: intake.takeAll, takeFailed, look, lookFailed, sweep };
}
