import type { Received } from '../../alertmanager/received.js';
import type { History } from '../../ledger/history.js';
import { isConnectionLost } from '../../ledger/redis-fault.js';
import type { Clock } from '../../lib/clock.js';
import { messageOf } from '../../lib/errors.js';
import type { Logger } from '../../lib/logger.js';
import type { Metrics } from '../../lib/metrics.js';
import type { ActivePlaybooks } from '../context/context.js';
import { toHistoryLine, type Via } from './history-line.js';

/** How often it is said that notifications are not recorded. */
const saidAgainMs = 60_000;

interface RecorderOptions {
  readonly history: History;
  readonly active: () => ActivePlaybooks;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** Takes notifications in, as `Engine.takeAll` does. */
type TakeAll = (batch: readonly Received[]) => Promise<void>;

/** Records what the engine receives, for as long as the policy says, so that playbooks can be tried on it. */
export function createRecorder({ history, active, clock, metrics, log }: RecorderOptions) {
  let saidAtMs = Number.NEGATIVE_INFINITY;

  /**
   * Takes notifications in and then records them, so that no alert waits for a record. They are in the
   * queue until both is done: what is taken in again after a crash is recorded again.
   */
  function recording(takeAll: TakeAll, via: Via): TakeAll {
    return async (batch) => {
      try {
        await takeAll(batch);
      } finally {
        if (keepMs() > 0) await Promise.all(batch.map((received) => record(received, via)));
      }
    };
  }

  async function record(received: Received, via: Via): Promise<void> {
    try {
      await history.append(toHistoryLine(received, via));
    } catch (error) {
      metrics.unrecorded.inc();
      if (isConnectionLost(error) || saidAtMs + saidAgainMs > clock.now()) return;
      saidAtMs = clock.now();
      log.warn({ fault: messageOf(error) }, 'notification not recorded in the history');
    }
  }

  /** Removes what is older than the policy keeps. Throws what Redis throws. */
  function trim(): Promise<void> {
    return history.trim(clock.now() - keepMs());
  }

  function keepMs(): number {
    return active().policy.history.keepMs;
  }

  return { recording, trim };
}
