import type { Target } from '../integrations/contract/change.js';
import type { Busy } from '../ledger/episode.js';
import type { Keys } from '../ledger/keys.js';
import type { Guard, Hold } from './guard.js';

/** Anyone who waits is woken when the target is free; this is for a waking that was lost. */
const askAgainMs = 60_000;

/** One run a target at a time. */
export function targetLock(keys: Keys, target: Target, runId: string, nowMs: number): Guard {
  return {
    claim: { kind: 'lock', key: keys.lock(target.id), owner: runId },
    explain: ({ detail }) => busyHold({ target, runId: detail }, nowMs),
  };
}

/** What it means that a run has the lock of a target. */
export function busyHold(waitsFor: Busy, nowMs: number): Hold {
  return {
    reason: 'target_busy',
    detail: `run ${waitsFor.runId} holds ${waitsFor.target.name}`,
    untilMs: nowMs + askAgainMs,
    waitsFor,
  };
}
