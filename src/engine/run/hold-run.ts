import { draftReport } from '../../escalation/draft.js';
import type { Hold } from '../../guard/guard.js';
import type { StoredRun } from '../../ledger/reads.js';
import { waitUntil } from '../../ledger/run-transitions.js';
import type { EngineParts } from '../parts.js';
import { waitFor } from '../waiters.js';
import { commitRun } from './commit-run.js';

/**
 * Has a run wait where it stands until a guard lifts. When that takes long a person is told, once;
 * asking the same guard again is nothing new, and not recorded.
 */
export async function holdRun(
  parts: EngineParts,
  stored: StoredRun,
  { reason, detail, untilMs, escalationId, waitsFor }: Hold,
): Promise<StoredRun | null> {
  const nowMs = parts.clock.now();
  const { escalate } = parts.active().policy;
  const run = stored.value;
  const before = run.waiting;
  const sinceMs = before?.sinceMs ?? nowMs;
  const toldAtMs = sinceMs + escalate.afterMs;
  const toldBefore = before?.told === true;
  const told = toldBefore || (escalationId === undefined && toldAtMs <= nowMs);
  const againMs = told || toldAtMs <= nowMs ? untilMs : Math.min(untilMs, toldAtMs);
  const held = {
    ...waitUntil(run, reason, detail, againMs),
    waiting: { reason, detail, sinceMs, told },
    // the target's patience is not used up by waiting for people
    deadlineMs: null,
  };
  const isNews = before?.reason !== reason || before.detail !== detail;
  const minutes = Math.round((nowMs - sinceMs) / 60_000);
  return commitRun(parts, stored, held, {
    event: isNews ? 'held' : null,
    reason,
    detail,
    ...(waitsFor && waitFor(parts, `run:${run.id}`, waitsFor)),
    ...(told && !toldBefore
      ? {
          escalations: [
            draftReport(held, 'held_too_long', `${minutes} min: ${detail}`, {
              id: parts.ledger.newId(),
              channel: run.channel,
              expiresAtMs: null,
              nowMs,
            }),
          ],
        }
      : {}),
  });
}
