import {
  type MayDecide,
  type Permission,
  type Person,
  personName,
} from '../../escalation/person.js';
import type { AuditRecord } from '../../ledger/audit.js';
import type { Answer, Choice, Escalation } from '../../ledger/escalation.js';
import type { AnyLedger } from '../../ledger/ledger.js';
import type { Reason } from '../../ledger/reason.js';
import { conflict, retryOnConflict } from '../../ledger/retry-on-conflict.js';
import type { Run } from '../../ledger/run.js';
import { scheduleItem, type Wake } from '../../ledger/schedule-item.js';
import type { Clock } from '../../lib/clock.js';
import type { AnswerResult } from './answer-result.js';
import { answerSuggestion, isLessonChoice, type Lessons } from './answer-suggestion.js';
import { type AnswerPolicy, consequenceOf, type Said, withComment } from './consequence.js';

/** A person's answer, as it comes in through any door. */
export interface GivenAnswer {
  /** Of the escalation. */
  readonly id: string;
  readonly choiceId: string;
  readonly person: Person;
  /** Why, in the person's own words. */
  readonly comment?: string | undefined;
}

interface AnswerContext {
  readonly ledger: AnyLedger;
  readonly clock: Clock;
  readonly wake: Wake;
  readonly policy: () => AnswerPolicy;
  /** Asked here, where the answer is decided, so that no door can forget it. */
  readonly mayDecide: MayDecide;
  /** What becomes of lessons; left out, none is learned. */
  readonly lessons?: Lessons;
}

/**
 * Takes a person's answer to an escalation. The answer, the run that it starts or ends and the audit
 * record are one atomic step, so that of two clicks only one counts.
 *
 * @throws what Redis throws; nothing was decided then.
 */
export async function answerEscalation(
  context: AnswerContext,
  { id, choiceId, person, comment = '' }: GivenAnswer,
): Promise<AnswerResult> {
  const { ledger, clock, wake, policy } = context;
  const said: Said = { by: personName(person), comment: comment.trim() };
  const { by } = said;
  let permission: Permission | undefined;
  return retryOnConflict(`escalation ${id}`, async () => {
    const stored = await ledger.escalation(id);
    if (stored === null) return { kind: 'unknown_escalation' };
    if (stored.value.state !== 'open') return { kind: 'too_late', escalation: stored.value };
    const choice = stored.value.choices?.find((known) => known.id === choiceId);
    if (choice === undefined) {
      return { kind: 'unknown_choice', choices: stored.value.choices ?? [] };
    }
    permission ??= await permissionOf(context, stored.value, choice, person);
    if (!permission.allowed) {
      await recordRefusal(context, id, choice, by);
      return { kind: 'not_allowed', why: permission.why };
    }
    if (isLessonChoice(choice)) {
      return (await answerSuggestion(context, stored, choice, by)) ?? conflict;
    }
    const nowMs = clock.now();
    const outcome = await consequenceOf(ledger, stored.value, choice, said, nowMs, policy());
    if (outcome === 'moved_on') {
      // another answer may have moved it, between the two looks: then they are named
      if ((await ledger.escalation(id))?.rev !== stored.rev) return conflict;
      return { kind: 'too_late', escalation: { ...stored.value, state: 'withdrawn' } };
    }
    const { run, silence } = outcome;
    const answer: Answer = {
      choiceId,
      label: choice.label,
      by,
      ...(said.comment === '' ? {} : { comment: said.comment }),
      atMs: nowMs,
      runId: run?.id ?? null,
    };
    const escalation = {
      ...stored.value,
      state: 'answered' as const,
      answer,
      ...(silence === undefined ? {} : { silence }),
      runId: answer.runId ?? stored.value.runId,
      endedAtMs: nowMs,
    };
    const save = ledger.saveEscalation(stored, escalation, nowMs);
    const result = await ledger.commit({
      checks: [save.check, ...outcome.checks],
      writes: [
        ...save.writes,
        ...outcome.writes,
        ledger.audit({
          atMs: nowMs,
          subject: 'escalation',
          id,
          event: 'answered',
          reason: reasonOf[choice.does.kind],
          detail: withComment(choice.label, said),
          by,
        }),
        ...(run === undefined ? [] : ledger.auditRun(runRecord(run, choice, by, nowMs))),
      ],
      nowMs,
    });
    if (result.kind !== 'committed') return conflict;
    if (outcome.wake !== undefined) await wake(outcome.wake, nowMs);
    await wake(scheduleItem('message', id), nowMs);
    return { kind: 'accepted', escalation };
  });
}

async function permissionOf(
  { ledger, mayDecide }: AnswerContext,
  { runId }: Escalation,
  { does }: Choice,
  person: Person,
): Promise<Permission> {
  if (does.kind === 'reset_breaker') return mayDecide(person, does.playbook);
  const run = runId === null ? null : await ledger.run(runId);
  const origin = run?.value.origin;
  return mayDecide(person, origin?.kind === 'playbook' ? origin.playbook : null);
}

async function recordRefusal(
  { ledger, clock }: AnswerContext,
  id: string,
  choice: Choice,
  by: string,
): Promise<void> {
  const atMs = clock.now();
  const about = { subject: 'escalation', id, event: 'refused', reason: 'not_allowed' } as const;
  const record = ledger.audit({ atMs, ...about, detail: choice.label, by });
  await ledger.commit({ checks: [], writes: [record], nowMs: atMs });
}

const reasonOf: Record<Choice['does']['kind'], Reason> = {
  act: 'chosen',
  undo: 'chosen',
  approve: 'approval',
  deny: 'denied',
  acknowledge: 'acknowledged',
  dismiss: 'dismissed',
  silence: 'silenced',
  reset_blast_radius: 'reset',
  reset_breaker: 'reset',
  draft: 'learned',
  learn: 'learned',
};

/** What the audit trail says of the run that the answer started, let go on or ended. */
function runRecord(
  { id, state }: Run,
  { does }: Choice,
  by: string,
  atMs: number,
): Omit<AuditRecord, 'subject'> {
  const goesOn = does.kind === 'approve' ? 'approved' : 'started';
  const event = state === 'ended' ? 'ended' : goesOn;
  return { atMs, id, event, reason: reasonOf[does.kind], by };
}
