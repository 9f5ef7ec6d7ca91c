import type { Keys } from '../ledger/keys.js';
import type { Target } from '../target/change.js';
import type { Guard } from './guard.js';

const askAgainMs = 5_000;

/** One run a target at a time. */
export function targetLock(keys: Keys, target: Target, runId: string, nowMs: number): Guard {
  return {
    claim: { kind: 'lock', key: keys.lock(target.id), owner: runId },
    explain: ({ detail }) => ({
      reason: 'target_busy',
      detail: `run ${detail} works on ${target.name}`,
      untilMs: nowMs + askAgainMs,
    }),
  };
}
