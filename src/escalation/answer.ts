import type { Clock } from '../clock.js';
import type { AuditRecord } from '../ledger/audit.js';
import type { Answer, Choice, Escalation } from '../ledger/escalation.js';
import type { AnyLedger } from '../ledger/ledger.js';
import type { Stored } from '../ledger/reads.js';
import type { Reason } from '../ledger/reason.js';
import { createRun, type Run } from '../ledger/run.js';
import { end } from '../ledger/run-transitions.js';
import type { Save } from '../ledger/saves.js';
import { answerLesson, isLessonChoice, type Lessons } from './answer-lesson.js';
import { type MayDecide, type Permission, type Person, personName } from './person.js';

/** A person's answer, as it comes in through any door. */
export interface GivenAnswer {
  /** Of the escalation. */
  readonly id: string;
  readonly choiceId: string;
  readonly person: Person;
  /** Why, in the person's own words. */
  readonly comment?: string | undefined;
}

/** What came of a person's answer. Exactly one answer to an escalation is `accepted`. */
export type AnswerResult =
  | { readonly kind: 'accepted'; readonly escalation: Escalation }
  /** Answered, withdrawn or expired before. */
  | { readonly kind: 'too_late'; readonly escalation: Escalation }
  /** The person may not decide this; `why` tells them so in a sentence. */
  | { readonly kind: 'not_allowed'; readonly why: string }
  /** It was right to ask, and could not be done; `why` says so in a sentence. Nothing was decided. */
  | { readonly kind: 'not_done'; readonly why: string }
  | { readonly kind: 'unknown_escalation' }
  | { readonly kind: 'unknown_choice'; readonly choices: readonly Choice[] };

interface AnswerParts {
  readonly ledger: AnyLedger;
  readonly clock: Clock;
  readonly wake: (item: string, atMs: number) => Promise<void>;
  readonly policy: () => AnswerPolicy;
  /** Asked here, where the answer is decided, so that no door can forget it. */
  readonly mayDecide: MayDecide;
  /** What becomes of lessons; left out, none is learned. */
  readonly lessons?: Lessons;
}

/** What the policy says about answers. */
export interface AnswerPolicy {
  readonly alertmanager: { readonly sendResolved: boolean };
  /** How long a question stays open, and a yes to it good. */
  readonly approvalExpiresMs: number;
}

/**
 * How long an alert has to resolve after an action that a person chose: longer than Alertmanager's
 * group_interval (5m by default), else the news that it helped comes too late.
 */
const settleMs = 7 * 60_000;
const mostConflicts = 20;

/**
 * Takes a person's answer to an escalation. The answer, the run that it starts or ends and the audit
 * record are one atomic step, so that of two clicks only one counts.
 *
 * @throws what Redis throws; nothing was decided then.
 */
export async function answerEscalation(
  parts: AnswerParts,
  { id, choiceId, person, comment = '' }: GivenAnswer,
): Promise<AnswerResult> {
  const { ledger, clock, wake, policy } = parts;
  const said: Said = { by: personName(person), comment: comment.trim() };
  const { by } = said;
  let permission: Permission | undefined;
  for (let conflicts = 0; conflicts < mostConflicts; conflicts += 1) {
    const stored = await ledger.escalation(id);
    if (stored === null) return { kind: 'unknown_escalation' };
    if (stored.value.state !== 'open') return { kind: 'too_late', escalation: stored.value };
    const choice = stored.value.choices?.find((known) => known.id === choiceId);
    if (choice === undefined) {
      return { kind: 'unknown_choice', choices: stored.value.choices ?? [] };
    }
    permission ??= await permissionOf(parts, stored.value, person);
    if (!permission.allowed) {
      await recordRefusal(parts, id, choice, by);
      return { kind: 'not_allowed', why: permission.why };
    }
    if (isLessonChoice(choice)) {
      const result = await answerLesson(parts, stored, choice, by);
      if (result === null) continue;
      return result;
    }
    const nowMs = clock.now();
    const outcome = await consequence(ledger, stored.value, choice, said, nowMs, policy());
    if (outcome === 'run_moved_on') {
      return { kind: 'too_late', escalation: { ...stored.value, state: 'withdrawn' } };
    }
    const answer: Answer = {
      choiceId,
      label: choice.label,
      by,
      ...(said.comment === '' ? {} : { comment: said.comment }),
      atMs: nowMs,
      runId: outcome?.run.id ?? null,
    };
    const escalation = {
      ...stored.value,
      state: 'answered' as const,
      answer,
      runId: answer.runId ?? stored.value.runId,
      endedAtMs: nowMs,
    };
    const saves = [ledger.saveEscalation(stored, escalation, nowMs)];
    if (outcome !== null) saves.push(outcome.save);
    const result = await ledger.commit({
      checks: saves.map((save) => save.check),
      writes: [
        ...saves.flatMap((save) => save.writes),
        ledger.audit({
          atMs: nowMs,
          subject: 'escalation',
          id,
          event: 'answered',
          reason: reasonOf[choice.does.kind],
          detail: withComment(choice.label, said),
          by,
        }),
        ...(outcome === null ? [] : ledger.auditRun(runRecord(outcome.run, choice, by, nowMs))),
      ],
      nowMs,
    });
    if (result.kind !== 'committed') continue;
    if (outcome !== null && outcome.run.state !== 'ended')
      await wake(`run:${outcome.run.id}`, nowMs);
    await wake(`message:${id}`, nowMs);
    return { kind: 'accepted', escalation };
  }
  throw new Error(`escalation ${id} is changed by others faster than it can be answered`);
}

/** Who answers, and why in their own words, if they said so. */
interface Said {
  readonly by: string;
  readonly comment: string;
}

function withComment(text: string, { comment }: Said): string {
  return comment === '' ? text : `${text}: ${comment}`;
}

async function permissionOf(
  { ledger, mayDecide }: AnswerParts,
  { runId }: Escalation,
  person: Person,
): Promise<Permission> {
  const run = runId === null ? null : await ledger.run(runId);
  const origin = run?.value.origin;
  return mayDecide(person, origin?.kind === 'playbook' ? origin.playbook : null);
}

async function recordRefusal(
  { ledger, clock }: AnswerParts,
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
  approve: 'approval',
  deny: 'denied',
  acknowledge: 'acknowledged',
  dismiss: 'dismissed',
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

/** The run that an answer starts, lets go on or ends. */
async function consequence(
  ledger: AnyLedger,
  escalation: Escalation,
  { does }: Choice,
  said: Said,
  nowMs: number,
  { alertmanager, approvalExpiresMs }: AnswerPolicy,
): Promise<{ run: Run; save: Save } | 'run_moved_on' | null> {
  switch (does.kind) {
    case 'acknowledge':
    case 'dismiss':
    case 'draft':
    case 'learn':
      return null;
    case 'act': {
      const run = createRun({
        id: ledger.newId(),
        caseId: escalation.caseId,
        origin: { kind: 'person', by: said.by, escalationId: escalation.id },
        labels: escalation.labels,
        steps: [
          {
            action: does.action,
            params: does.params,
            target: does.target,
            settleMs,
            repeat: 1,
            undo: false,
          },
        ],
        cooldownMs: 0,
        limits: [],
        channel: escalation.channel,
        group: escalation.group,
        verifiable: alertmanager.sendResolved && escalation.unverifiable !== true,
        escalationId: escalation.id,
        state: 'admitting',
        answerUntilMs: nowMs + approvalExpiresMs,
        nowMs,
      });
      return { run, save: ledger.saveRun(null, run) };
    }
    case 'approve':
    case 'deny': {
      const stored = escalation.runId === null ? null : await ledger.run(escalation.runId);
      if (stored?.value.state !== 'awaiting_approval') return 'run_moved_on';
      const run =
        does.kind === 'approve'
          ? approved(stored, nowMs, approvalExpiresMs)
          : denied(stored, said, nowMs);
      return { run, save: ledger.saveRun(stored, run) };
    }
  }
}

function approved({ value }: Stored<Run>, nowMs: number, goodForMs: number): Run {
  return { ...value, state: 'admitting', dueAtMs: nowMs, answerUntilMs: nowMs + goodForMs };
}

function denied({ value }: Stored<Run>, said: Said, nowMs: number): Run {
  const detail = withComment(`${said.by} said no`, said);
  return end(value, { kind: 'withdrawn', reason: 'denied', detail }, nowMs);
}
