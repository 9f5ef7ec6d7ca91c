import { draftReport } from '../../escalation/draft.js';
import { type Reason, reasons } from '../../ledger/reason.js';
import type { StoredRun } from '../../ledger/record-reads.js';
import type { Outcome, OutcomeKind, Run } from '../../ledger/run.js';
import { scheduleItem } from '../../ledger/schedule-item.js';
import type { Write } from '../../ledger/transaction.js';
import type { EngineContext } from '../context/context.js';
import { commandWrites } from '../episode/command.js';
import { resultWrites } from '../reports/results.js';
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
  given: Outcome,
  writes: readonly Write[] = [],
): Promise<StoredRun | null> {
  const nowMs = context.clock.now();
  const outcome = outcomeOf(run, given);
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
      ...(isReported[kind] || leavesChange(stored, ended)
        ? [draftReport(ended, reason, detail, to)]
        : []),
      ...(counted.report === undefined ? [] : [counted.report]),
      ...(offer === null ? [] : [offer.escalation]),
    ],
  });
  if (committed === null) return null;
  const playbook = run.origin.kind === 'playbook' ? run.origin.playbook : '';
  context.metrics.runs.inc({ playbook, outcome: kind, reason });
  context.log.info({ run: run.id, outcome: kind, reason }, 'run ended');
  if (!ended.verifiable) await context.wake(scheduleItem('case', ended.caseId), nowMs);
  return committed;
}

/** Ends a run that a person cancelled, and of which nothing is under way. */
export function endCancelled(context: EngineContext, stored: StoredRun): Promise<StoredRun | null> {
  return endRun(context, stored, stored.value, { kind: 'done', reason: 'cancelled', detail: '' });
}

/** How a run ends: one that a person cancelled as that, unless what came of its change is not known. */
function outcomeOf({ cancelled }: Run, outcome: Outcome): Outcome {
  if (cancelled === undefined || outcome.kind === 'unknown') return outcome;
  const { kind, reason, detail } = outcome;
  const why = cancelled.comment === undefined ? '' : `: ${cancelled.comment}`;
  const after = kind === 'failed' ? `; ${reasons[reason]}${detail && `: ${detail}`}` : '';
  const said = `${cancelled.by} cancelled it${why}${after}`;
  return { kind: 'withdrawn', reason: 'cancelled', detail: said };
}

/** Whether a cancelled run leaves something behind that people have to know while its alerts fire. */
function leavesChange({ openEpisodes }: StoredRun, { outcome, attempts }: Run): boolean {
  if (outcome?.reason !== 'cancelled' || openEpisodes === 0) return false;
  return attempts.some(({ appliedAtMs }) => appliedAtMs !== null);
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
  const isCancelled = run.cancelled !== undefined;
  const undoing = isCancelled ? null : beginUndo(run, failed, context.clock.now());
  if (undoing === null) return endRun(context, stored, run, failed, writes);
  return commitRun(context, stored, undoing, { event: 'undoing', ...outcome, writes });
}
