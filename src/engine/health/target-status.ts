import type { Clock } from '../../lib/clock.js';
import { messageOf } from '../../lib/errors.js';
import type { Logger } from '../../lib/logger.js';
import type { Metrics } from '../../lib/metrics.js';

/** The status of a target system, as the last look at it found. */
export interface TargetStatus {
  /** Looks at the system and keeps whether it answered, which it returns. Never throws. */
  look(call: () => Promise<unknown>): Promise<boolean>;
  /** Says whether it answers; `undefined`: nothing has looked yet, or it is not configured. */
  check(): { readonly ok: boolean; readonly detail: string } | undefined;
}

/**
 * Keeps whether a target system answers, exports it, and logs once that it does not and once that it is
 * back: what is held for it would otherwise be all that tells of it.
 *
 * @param options.target its label in `jidoka_target_up`
 * @param options.system as it is called in logs
 * @param options.waits what waits while it does not answer, for the log
 * @param options.isAbsent tells from a first failure that the system is not configured at all
 * @param options.onLost called when it has stopped to answer
 */
export function createTargetStatus(options: {
  readonly target: string;
  readonly system: string;
  readonly waits?: string | undefined;
  readonly metrics: Pick<Metrics, 'targetUp'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly isAbsent?: ((error: unknown) => boolean) | undefined;
  readonly onLost?: (() => void) | undefined;
}): TargetStatus {
  const { target, system, metrics, clock, log, isAbsent, onLost = () => {} } = options;
  const { waits = 'actions on it wait until it answers' } = options;
  let hasAnswered = false;
  let wasAbsent = false;
  let away: { readonly sinceMs: number; readonly fault: string } | undefined;

  function found(): void {
    metrics.targetUp.set({ target }, 1);
    if (away !== undefined) log.warn({ awayMs: clock.now() - away.sinceMs }, `${system} is back`);
    else if (wasAbsent) log.info(`${system} answered for the first time`);
    wasAbsent = false;
    hasAnswered = true;
    away = undefined;
  }

  function failed(error: unknown): void {
    if (!hasAnswered && away === undefined && isAbsent?.(error)) {
      wasAbsent = true;
      return;
    }
    metrics.targetUp.set({ target }, 0);
    const fault = messageOf(error);
    const isNew = away === undefined;
    away = { sinceMs: away?.sinceMs ?? clock.now(), fault };
    if (!isNew) return;
    log.warn({ fault }, `${system} did not answer: ${waits}; check its address and credentials`);
    onLost();
  }

  return {
    async look(call) {
      try {
        await call();
        found();
        return true;
      } catch (error) {
        failed(error);
        return false;
      }
    },

    check() {
      if (away !== undefined) {
        const since = new Date(away.sinceMs).toISOString();
        return { ok: false, detail: `no answer since ${since}: ${away.fault}` };
      }
      return hasAnswered ? { ok: true, detail: 'answers' } : undefined;
    },
  };
}
