import { messageOf } from '../errors.js';
import { isRedisFault } from '../ledger/redis-fault.js';
import { settleCase } from './cases.js';
import { createDecider } from './decider.js';
import { expire } from './expiry.js';
import { createIntake } from './intake.js';
import { leaveToNewer } from './newer.js';
import type { EngineParts } from './parts.js';
import { quarantineNotification } from './quarantine.js';
import type { Received } from './received.js';
import { remind } from './reminder.js';
import { advance, failRun } from './run/advance.js';
import { askForSilence } from './silencing.js';
import { setAside } from './stuck.js';

/** How late an item of the agenda may be before the sweep takes it up. */
const lateMs = 2_000;
const sweptAtOnce = 1_000;

/**
 * The acting half of Jidoka: takes notifications in and moves whatever is due on the agenda. Every
 * method may be called again for the same input, by any worker.
 */
export type Engine = ReturnType<typeof createEngine>;

export function createEngine(parts: EngineParts) {
  const { ledger, clock, wake } = parts;
  const decider = createDecider(parts);
  const intake = createIntake(parts, decider);

  /** Looks at one item of the agenda. */
  async function look(item: string): Promise<void> {
    const [kind, id] = split(item);
    switch (kind) {
      case 'run':
        return advance(parts, id);
      case 'episode':
        return decider.decideEpisode(id);
      case 'case':
        return settleCase(parts, id);
      case 'expiry':
        return expire(parts, id);
      case 'reminder':
        return remind(parts, id);
      case 'silence':
        return askForSilence(parts, id);
      default:
        return leaveToNewer(parts, item);
    }
  }

  /**
   * Looking at an item failed again and again: nothing must hang for ever without anybody knowing.
   * What failed for want of Redis is found on the agenda when Redis is back.
   */
  async function lookFailed(item: string, error: Error): Promise<void> {
    if (isRedisFault(error)) return;
    const [kind, id] = split(item);
    if (kind === 'run') await failRun(parts, id, error);
    else await setAside(parts, [kind, id], error);
  }

  /** Taking a notification in failed again and again: a person gets it. */
  async function takeFailed(received: Received, error: Error): Promise<void> {
    await quarantineNotification(parts, received, messageOf(error));
  }

  /** Takes up what a crash or a lost job left behind on the agenda. */
  async function sweep(): Promise<void> {
    for (const { item, atMs } of await ledger.due(clock.now() - lateMs, sweptAtOnce)) {
      await wake(item, atMs);
    }
  }

  return { take: intake.take, takeAll: intake.takeAll, takeFailed, look, lookFailed, sweep };
}

function split(item: string): readonly [kind: string, id: string] {
  const colon = item.indexOf(':');
  return [item.slice(0, colon), item.slice(colon + 1)];
}
