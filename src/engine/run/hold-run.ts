import { draftReport } from '../../escalation/draft.js';
import type { Hold } from '../../guard/guard.js';
import type { StoredRun } from '../../ledger/record-reads.js';
import { scheduleItem } from '../../ledger/schedule-item.js';
import type { EngineContext } from '../context/context.js';
import { waitFor } from '../schedule/waiters.js';
import { commitRun } from './commit-run.js';
import { waitUntil } from './transitions.js';

/**
 * Has a run wait where it stands until a guard lifts. When that takes long a person is told, once;
 * asking the same guard again is nothing new, and not recorded.
 */
export async function holdRun(
  context: EngineContext,
  stored: StoredRun,
  { reason, detail, untilMs, escalationId, waitsFor }: Hold,
): Promise<StoredRun | null> {
  const nowMs = context.clock.now();
  const { escalate } = context.active().policy;
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
  return commitRun(context, stored, held, {
    event: isNews ? 'held' : null,
    reason,
    detail,
    ...(waitsFor && waitFor(context, scheduleItem('run', run.id), waitsFor)),
    ...(told && !toldBefore
      ? {
          escalations: [
            draftReport(held, 'held_too_long', `${minutes} min: ${detail}`, {
              id: context.ledger.newId(),
              channel: run.channel,
              expiresAtMs: null,
              nowMs,
            }),
          ],
        }
      : {}),
  });
}
