import type { Clock } from '../clock.js';
import { messageOf } from '../errors.js';
import type { History } from '../ledger/history.js';
import { isConnectionLost } from '../ledger/redis-fault.js';
import type { Logger } from '../logger.js';
import type { Metrics } from '../metrics.js';
import { toHistoryLine, type Via } from './history-line.js';
import type { ActivePlaybooks } from './parts.js';
import type { Received } from './received.js';

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
type TakeAll = (batch: readonly Received[], onWritten?: () => void) => Promise<void>;

/** Records what the engine receives, for as long as the policy says, so that playbooks can be tried on it. */
export function createRecorder({ history, active, clock, metrics, log }: RecorderOptions) {
  let saidAtMs = Number.NEGATIVE_INFINITY;

  /**
   * Takes notifications in and then records them, so that no alert waits for a record. They are in the
   * queue until both is done: what is taken in again after a crash is recorded again.
   */
  function recording(takeAll: TakeAll, via: Via): TakeAll {
    return async (batch, onWritten) => {
      try {
        await takeAll(batch, onWritten);
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
      log.warn({ fault: messageOf(error) }, 'a notification is missing in the history');
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
