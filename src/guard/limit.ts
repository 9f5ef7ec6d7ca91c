import type { Keys } from '../ledger/keys.js';
import type { RunLimit } from '../ledger/run.js';
import { formatDuration, formatTime } from '../lib/time.js';
import type { Guard } from './guard.js';

/** What a limit counts: the runs of one playbook on one target, or all runs of the cell. */
export interface LimitScope {
  /** Part of the key; the same for all limits that count the same runs. */
  readonly id: string;
  /** As a person reads it: `scale-service-up on web`, `the whole fleet`. */
  readonly name: string;
}

/** At most so many runs within each window. */
export function limits(
  keys: Keys,
  scope: LimitScope,
  windows: readonly RunLimit[],
  runId: string,
  nowMs: number,
): Guard[] {
  const keepMs = Math.max(0, ...windows.map((window) => window.windowMs));
  return windows.map(({ count, windowMs }) => ({
    claim: {
      kind: 'window',
      key: keys.admissions(scope.id),
      ms: windowMs,
      count,
      member: runId,
      keepMs,
    },
    explain: (refusal) => {
      const untilMs = refusal.untilMs ?? nowMs + windowMs;
      const had = `${count} ${count === 1 ? 'run' : 'runs'} in ${formatDuration(windowMs)}`;
      const detail = `${scope.name} has reached its limit of ${had}; the next run may start at ${formatTime(untilMs)}`;
      return { reason: 'limit', detail, untilMs };
    },
  }));
}
