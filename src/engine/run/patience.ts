import type { StoredRun } from '../../ledger/record-reads.js';
import type { Run } from '../../ledger/run.js';
import type { EngineContext } from '../context/context.js';
import { commitRun } from './commit-run.js';
import { retryLater, waitUntil } from './transitions.js';

/** How long a target may be unreadable or busy before the run gives up on it. */
const patienceMs = 30 * 60_000;
const waitMs = 10_000;

/** Whether the run still waits for its target. */
export function isPatient(run: Run, nowMs: number): boolean {
  return run.deadlineMs === null || nowMs < run.deadlineMs;
}

/** Has the run look again in a while, because its target could not be read (`unread`) or is in the middle of something. */
export function waitForTarget(
  context: EngineContext,
  stored: StoredRun,
  detail: string,
  why: 'unread' | 'busy',
): Promise<StoredRun | null> {
  const run = stored.value;
  const nowMs = context.clock.now();
  const reason = why === 'unread' ? 'target_unavailable' : 'waiting';
  const later =
    why === 'unread'
      ? retryLater(run, reason, detail, nowMs)
      : waitUntil(run, reason, detail, nowMs + waitMs);
  const next = { ...later, deadlineMs: run.deadlineMs ?? nowMs + patienceMs };
  return commitRun(context, stored, next, { event: 'waiting', reason, detail });
}
