import { type MayDecide, type Person, personName } from '../../escalation/person.js';
import type { Escalation } from '../../ledger/escalation.js';
import type { AnyLedger } from '../../ledger/ledger.js';
import type { Stored } from '../../ledger/record-reads.js';
import { conflict, retryOnConflict } from '../../ledger/retry-on-conflict.js';
import type { Cancellation, Run } from '../../ledger/run.js';
import { scheduleItem, type Wake } from '../../ledger/schedule-item.js';
import type { Clock } from '../../lib/clock.js';
import { cancel } from '../run/transitions.js';

/** What came of cancelling a run. */
export type CancelResult =
  /** It sends no further change; it ends at once, or when the change under way is over. */
  | { readonly kind: 'cancelled'; readonly run: Run }
  /** It has ended, or was cancelled before. */
  | { readonly kind: 'too_late'; readonly run: Run }
  /** The person may not decide this; `why` tells them so in a sentence. */
  | { readonly kind: 'not_allowed'; readonly why: string }
  | { readonly kind: 'unknown_run' };

/** Cancels a run, as a person asks through any door. */
export interface GivenCancel {
  /** Of the run. */
  readonly id: string;
  readonly person: Person;
  /** Why, in the person's own words. */
  readonly comment?: string | undefined;
}

interface CancelContext {
  readonly ledger: AnyLedger;
  readonly clock: Clock;
  readonly wake: Wake;
  readonly mayDecide: MayDecide;
}

/**
 * Cancels a run. The record of it is the run itself: a worker that was about to record the intention of a
 * change loses the comparison, and none plans the run again, whatever crashes. A question about it that is
 * open is answered in the same step.
 *
 * @throws what Redis throws; nothing was cancelled then.
 */
export async function cancelRun(
  { ledger, clock, wake, mayDecide }: CancelContext,
  { id, person, comment = '' }: GivenCancel,
): Promise<CancelResult> {
  const by = personName(person);
  return retryOnConflict(`run ${id}`, async () => {
    const stored = await ledger.run(id);
    if (stored === null) return { kind: 'unknown_run' };
    const { origin, state, cancelled: before } = stored.value;
    const permission = await mayDecide(person, origin.kind === 'playbook' ? origin.playbook : null);
    const atMs = clock.now();
    if (!permission.allowed) {
      const about = { atMs, id, event: 'refused', reason: 'not_allowed', by } as const;
      const writes = ledger.auditRun({ ...about, detail: 'cancel' });
      await ledger.commit({ checks: [], writes, nowMs: atMs });
      return { kind: 'not_allowed', why: permission.why };
    }
    if (state === 'ended' || before !== undefined) return { kind: 'too_late', run: stored.value };
    const why = comment.trim();
    const cancelled: Cancellation = { by, atMs, ...(why === '' ? {} : { comment: why }) };
    const run = cancel(stored.value, cancelled, atMs);
    const question = await questionOf(ledger, stored.value);
    const saves = [
      ledger.saveRun(stored, run),
      ...(question === null
        ? []
        : [ledger.saveEscalation(question, answered(question.value, run, cancelled), atMs)]),
    ];
    const record = { atMs, id, event: 'cancelled', reason: 'cancelled', detail: why, by } as const;
    const { escalationId: told } = await ledger.caseInfo(run.caseId);
    const messages = [...new Set([run.escalationId, told])].filter((one) => one !== null);
    const result = await ledger.commit({
      checks: saves.map(({ check }) => check),
      writes: [
        ...saves.flatMap(({ writes }) => writes),
        ...ledger.auditRun(record),
        ...(question === null ? [] : [ledger.audit(answerRecord(question.value, record))]),
        ...messages.map(
          (one) => ['ZADD', ledger.keys.schedule, atMs, scheduleItem('message', one)] as const,
        ),
      ],
      nowMs: atMs,
    });
    if (result.kind !== 'committed') return conflict;
    if (run.dueAtMs !== null) await wake(scheduleItem('run', id), run.dueAtMs);
    for (const one of messages) await wake(scheduleItem('message', one), atMs);
    return { kind: 'cancelled', run };
  });
}

/** The question whether the run may act; `null` where none is open. */
async function questionOf(
  ledger: AnyLedger,
  { state, escalationId }: Run,
): Promise<Stored<Escalation> | null> {
  if (state !== 'awaiting_approval' || escalationId === null) return null;
  const stored = await ledger.escalation(escalationId);
  return stored?.value.state === 'open' ? stored : null;
}

function answered(
  question: Escalation,
  { id: runId }: Run,
  { by, atMs, comment }: Cancellation,
): Escalation {
  const why = comment === undefined ? {} : { comment };
  const answer = { choiceId: 'cancel', label: 'Cancel', by, ...why, atMs, runId };
  return { ...question, state: 'answered', answer, endedAtMs: atMs };
}

function answerRecord({ id }: Escalation, record: { atMs: number; by: string; detail: string }) {
  const { atMs, by, detail } = record;
  const about = {
    atMs,
    subject: 'escalation',
    id,
    event: 'answered',
    reason: 'cancelled',
  } as const;
  return { ...about, detail: detail === '' ? 'Cancel' : `Cancel: ${detail}`, by };
}
