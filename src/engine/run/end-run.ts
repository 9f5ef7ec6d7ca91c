import { draftReport } from '../../escalation/draft.js';
import type { StoredRun } from '../../ledger/reads.js';
import type { Reason } from '../../ledger/reason.js';
import { holdsLocks, type OutcomeKind, type Run, targetsOf } from '../../ledger/run.js';
import { beginUndo, end } from '../../ledger/run-transitions.js';
import type { Write } from '../../ledger/transaction.js';
import { countEnd } from '../breakers.js';
import { commandWrites } from '../command.js';
import type { EngineParts } from '../parts.js';
import { offerLesson } from '../teach/offer-lesson.js';
import { wakeWaiters } from '../waiters.js';
import { commitRun } from './commit-run.js';

/** Of which ends a person has to hear: the machine could not fix it, or does not know. Every new kind has to say. */
const isReported: Readonly<Record<OutcomeKind, boolean>> = {
  done: false,
  failed: true,
  unknown: true,
  withdrawn: false,
};

/** Ends a run for good; where the machine could not fix it, a person is told in the same step. */
export async function endRun(
  parts: EngineParts,
  stored: StoredRun,
  run: Run,
  outcome: { readonly kind: OutcomeKind; readonly reason: Reason; readonly detail: string },
  writes: readonly Write[] = [],
): Promise<StoredRun | null> {
  const nowMs = parts.clock.now();
  const ended = end(run, outcome, nowMs);
  const { kind, reason, detail } = outcome;
  const checks =
    reason === 'resolved'
      ? [{ kind: 'set_empty' as const, key: parts.ledger.keys.caseOpen(run.caseId) }]
      : [];
  const counted = await countEnd(parts, run, outcome, nowMs);
  const to = { id: parts.ledger.newId(), channel: run.channel, expiresAtMs: null, nowMs };
  const offer = await offerLesson(parts, ended);
  const committed = await commitRun(parts, stored, ended, {
    event: 'ended',
    reason,
    detail,
    checks: [...checks, ...counted.checks, ...(offer?.checks ?? [])],
    writes: [
      ...writes,
      ...counted.writes,
      ...commandWrites(parts, ended, nowMs),
      ...(offer?.writes ?? []),
    ],
    escalations: [
      ...(isReported[kind] ? [draftReport(ended, reason, detail, to)] : []),
      ...(counted.report === undefined ? [] : [counted.report]),
      ...(offer === null ? [] : [offer.escalation]),
    ],
  });
  if (committed === null) return null;
  parts.metrics.runs.inc({ outcome: kind, reason });
  parts.log.info({ run: run.id, outcome: kind, reason }, 'a run ends');
  if (!ended.verifiable) await parts.wake(`case:${ended.caseId}`, nowMs);
  if (holdsLocks(stored.value)) await wakeWaiters(parts, targetsOf(run));
  return committed;
}

/** The machine has nothing left to try: puts back what asks for it, then tells a person. */
export async function giveUp(
  parts: EngineParts,
  stored: StoredRun,
  run: Run,
  outcome: { readonly reason: Reason; readonly detail: string },
  writes: readonly Write[] = [],
): Promise<StoredRun | null> {
  const failed = { kind: 'failed', ...outcome } as const;
  const undoing = beginUndo(run, failed, parts.clock.now());
  if (undoing === null) return endRun(parts, stored, run, failed, writes);
  return commitRun(parts, stored, undoing, { event: 'undoing', ...outcome, writes });
}
