import type { Keys } from '../ledger/keys.js';
import type { Guard } from './guard.js';

/** What a limit counts: the runs of one playbook on one target, or all runs of the cell. */
export interface LimitScope {
  /** Part of the key; the same for all limits that count the same runs. */
  readonly id: string;
  /** As a person reads it: `scale-service-up on web`, `the whole fleet`. */
  readonly name: string;
}

interface WindowLimit {
  readonly count: number;
  readonly windowMs: number;
}

/** At most so many runs within each window. */
export function limits(
  keys: Keys,
  scope: LimitScope,
  windows: readonly WindowLimit[],
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
    explain: ({ untilMs }) => ({
      reason: 'limit',
      detail: `${scope.name} has had its ${count} runs in ${windowMs / 60_000} min`,
      untilMs: untilMs ?? nowMs + windowMs,
    }),
  }));
}
