import { draftReport } from '../../escalation/draft.js';
import type { Reason } from '../../ledger/reason.js';
import type { StoredRun } from '../../ledger/record-reads.js';
import { holdsLocks, type OutcomeKind, type Run, targetsOf } from '../../ledger/run.js';
import { scheduleItem } from '../../ledger/schedule-item.js';
import type { Write } from '../../ledger/transaction.js';
import type { EngineContext } from '../context/context.js';
import { commandWrites } from '../episode/command.js';
import { resultWrites } from '../reports/results.js';
import { wakeWaiters } from '../schedule/waiters.js';
import { countEnd } from './breakers.js';
import { commitRun } from './commit-run.js';
import { beginUndo, end } from './transitions.js';

/** Of which ends a person has to hear: the machine could not fix it, or does not know. Every new kind has to say. */
const isReported: Readonly<Record<OutcomeKind, boolean>> = {
  done: false,
  failed: true,
  unknown: true,
  withdrawn: false,
};

/** Ends a run for good; where the machine could not fix it, a person is told in the same step. */
export async function endRun(
  context: EngineContext,
  stored: StoredRun,
  run: Run,
  outcome: { readonly kind: OutcomeKind; readonly reason: Reason; readonly detail: string },
  writes: readonly Write[] = [],
): Promise<StoredRun | null> {
  const nowMs = context.clock.now();
  const ended = end(run, outcome, nowMs);
  const { kind, reason, detail } = outcome;
  const checks =
    reason === 'resolved'
      ? [{ kind: 'set_empty' as const, key: context.ledger.keys.caseOpen(run.caseId) }]
      : [];
  const counted = await countEnd(context, run, outcome, nowMs);
  const to = { id: context.ledger.newId(), channel: run.channel, expiresAtMs: null, nowMs };
  const offer = (await context.offerSuggestion?.(ended)) ?? null;
  const committed = await commitRun(context, stored, ended, {
    event: 'ended',
    reason,
    detail,
    checks: [...checks, ...counted.checks, ...(offer?.checks ?? [])],
    writes: [
      ...writes,
      ...counted.writes,
      ...commandWrites(context, ended, nowMs),
      ...resultWrites(context, ended),
      ...(offer?.writes ?? []),
    ],
    escalations: [
      ...(isReported[kind] ? [draftReport(ended, reason, detail, to)] : []),
      ...(counted.report === undefined ? [] : [counted.report]),
      ...(offer === null ? [] : [offer.escalation]),
    ],
  });
  if (committed === null) return null;
  context.metrics.runs.inc({ outcome: kind, reason });
  context.log.info({ run: run.id, outcome: kind, reason }, 'run ended');
  if (!ended.verifiable) await context.wake(scheduleItem('case', ended.caseId), nowMs);
  if (holdsLocks(stored.value)) await wakeWaiters(context, targetsOf(run));
  return committed;
}

/** The machine has nothing left to try: puts back what asks for it, then tells a person. */
export async function giveUp(
  context: EngineContext,
  stored: StoredRun,
  run: Run,
  outcome: { readonly reason: Reason; readonly detail: string },
  writes: readonly Write[] = [],
): Promise<StoredRun | null> {
  const failed = { kind: 'failed', ...outcome } as const;
  const undoing = beginUndo(run, failed, context.clock.now());
  if (undoing === null) return endRun(context, stored, run, failed, writes);
  return commitRun(context, stored, undoing, { event: 'undoing', ...outcome, writes });
}
