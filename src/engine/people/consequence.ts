import { blastRadiusReset, breakerReset } from '../../guard/resets.js';
import type { Silence } from '../../ledger/alertmanager-silence.js';
import type { Choice, Escalation } from '../../ledger/escalation.js';
import type { AnyLedger } from '../../ledger/ledger.js';
import type { Stored } from '../../ledger/record-reads.js';
import { createRun, type Run } from '../../ledger/run.js';
import { type ScheduleItem, scheduleItem } from '../../ledger/schedule-item.js';
import type { Check, Write } from '../../ledger/transaction.js';
import { end } from '../run/transitions.js';
import { undoRun } from './undo-run.js';

/** Who answers, and why in their own words, if they said so. */
export interface Said {
  readonly by: string;
  readonly comment: string;
}

/** What the policy says about answers. */
export interface AnswerPolicy {
  readonly alertmanager: { readonly sendResolved: boolean };
  /** How long a question stays open, and a yes to it good. */
  readonly approvalExpiresMs: number;
}

/** What an answer changes besides the escalation's state, in the same step. */
export interface Consequence {
  /** The run that it starts, lets go on or ends. */
  readonly run?: Run;
  readonly silence?: Silence;
  readonly checks: readonly Check[];
  readonly writes: readonly Write[];
  /** What is to be looked at because of it. */
  readonly wake?: ScheduleItem;
}

/**
 * How long an alert has to resolve after an action that a person chose: longer than Alertmanager's
 * group_interval (5m by default), else the news that it helped comes too late.
 */
const settleMs = 7 * 60_000;

const nothing: Consequence = { checks: [], writes: [] };

/** What follows from an answer; `moved_on`: what it is about is no longer as it was when it was asked. */
export async function consequenceOf(
  ledger: AnyLedger,
  escalation: Escalation,
  { does }: Choice,
  said: Said,
  nowMs: number,
  { alertmanager, approvalExpiresMs }: AnswerPolicy,
): Promise<Consequence | 'moved_on'> {
  switch (does.kind) {
    case 'acknowledge':
    case 'dismiss':
    case 'draft':
    case 'learn':
      return nothing;
    case 'act': {
      const { action, params, target, locks } = does;
      const about = { action, params, target, ...(locks && { locks }) };
      const step = { ...about, settleMs, repeat: 1, undo: false };
      return withRun(ledger, null, createRun({ ...chosen(), steps: [step], state: 'admitting' }));
    }
    case 'undo': {
      const cancelled = await ledger.run(does.runId);
      const run = cancelled === null ? null : undoRun(cancelled.value, chosen());
      return run === null ? 'moved_on' : withRun(ledger, null, run);
    }
    case 'approve':
    case 'deny': {
      const stored = escalation.runId === null ? null : await ledger.run(escalation.runId);
      if (stored?.value.state !== 'awaiting_approval') return 'moved_on';
      const isYes = does.kind === 'approve';
      const run = isYes ? approved(stored, nowMs, approvalExpiresMs) : denied(stored, said, nowMs);
      return withRun(ledger, stored, run);
    }
    case 'silence':
      return silenced(ledger, escalation.id, said.by, nowMs, does.ms);
    case 'reset_blast_radius':
    case 'reset_breaker': {
      const reset =
        does.kind === 'reset_breaker'
          ? await breakerReset(ledger, does.playbook)
          : await blastRadiusReset(ledger);
      if (reset?.escalationId !== escalation.id) return 'moved_on';
      const about = { atMs: nowMs, subject: 'guard', id: reset.guard, event: 'reset' } as const;
      const record = ledger.audit({ ...about, by: said.by });
      return { checks: [reset.check], writes: [...reset.writes, record] };
    }
  }

  /** What every run has in common that a person starts. */
  function chosen() {
    return {
      id: ledger.newId(),
      caseId: escalation.caseId,
      origin: { kind: 'person', by: said.by, escalationId: escalation.id },
      labels: escalation.labels,
      cooldownMs: 0,
      limits: [],
      channel: escalation.channel,
      group: escalation.group,
      verifiable: alertmanager.sendResolved && escalation.unverifiable !== true,
      escalationId: escalation.id,
      answerUntilMs: nowMs + approvalExpiresMs,
      nowMs,
    } as const;
  }
}

function withRun(ledger: AnyLedger, before: Stored<Run> | null, run: Run): Consequence {
  const { check, writes } = ledger.saveRun(before, run);
  const goesOn = run.state === 'ended' ? {} : { wake: scheduleItem('run', run.id) };
  return { run, checks: [check], writes, ...goesOn };
}

/** The engine asks Alertmanager for it: what is on the schedule outlasts a crash and an Alertmanager that is away. */
function silenced(
  { keys }: AnyLedger,
  id: string,
  by: string,
  nowMs: number,
  ms: number,
): Consequence {
  const wake = scheduleItem('silence', id);
  const silence: Silence = {
    state: 'wanted',
    by,
    untilMs: nowMs + ms,
    labels: null,
    leaseUntilMs: 0,
    id: null,
    fault: null,
  };
  return { silence, checks: [], writes: [['ZADD', keys.schedule, nowMs, wake]], wake };
}

function approved({ value }: Stored<Run>, nowMs: number, goodForMs: number): Run {
  return { ...value, state: 'admitting', dueAtMs: nowMs, answerUntilMs: nowMs + goodForMs };
}

function denied({ value }: Stored<Run>, said: Said, nowMs: number): Run {
  const detail = withComment(`${said.by} denied it`, said);
  return end(value, { kind: 'withdrawn', reason: 'denied', detail }, nowMs);
}

/** A text with the person's own words behind it. */
export function withComment(text: string, { comment }: Said): string {
  return comment === '' ? text : `${text}: ${comment}`;
}
