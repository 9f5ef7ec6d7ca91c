import type { OddField } from '../../alertmanager/odd-field.js';
import type { EngineContext } from '../context/context.js';

/** How often a field is logged, however often it is odd. */
const logAgainMs = 3_600_000;

/** Counts odd fields of notifications, and logs each field once an hour. */
export function createOddFields({ metrics, clock, log }: EngineContext) {
  const loggedAtMs = new Map<string, number>();

  return function tellOdd({ field, message }: OddField, groupKey: string): void {
    metrics.oddFields.inc({ field });
    const nowMs = clock.now();
    if (nowMs < (loggedAtMs.get(field) ?? Number.NEGATIVE_INFINITY) + logAgainMs) return;
    loggedAtMs.set(field, nowMs);
    log.warn({ field, groupKey, odd: message }, 'notification accepted with an unexpected field');
  };
}
