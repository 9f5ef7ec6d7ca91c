import { choicesAnew, draftChoices, faultChoices } from '../../escalation/playbook-suggestion.js';
import type { Choice, Escalation } from '../../ledger/escalation.js';
import type { AnyLedger } from '../../ledger/ledger.js';
import type { PlaybookSuggestion, SuggestionDraft } from '../../ledger/playbook-suggestion.js';
import type { Stored } from '../../ledger/record-reads.js';
import { scheduleItem, type Wake } from '../../ledger/schedule-item.js';
import type { Clock } from '../../lib/clock.js';
import type { AnswerResult } from './answer-result.js';

/** Drafts playbooks and writes them; it lies with the folder of the playbooks. */
export interface Lessons {
  /** The draft, or why there can be none now, in a sentence. @throws what Redis throws. */
  draft(lesson: PlaybookSuggestion): Promise<SuggestionDraft | { readonly fault: string }>;
  /**
   * Checks a draft once more and writes it with its tests, never over another file; a file that holds
   * the same already is none.
   *
   * @returns the file, or why it could not be written, in a sentence.
   */
  write(
    lesson: PlaybookSuggestion,
  ): Promise<{ readonly file: string } | { readonly fault: string }>;
  /** Has it tried on the recorded history, and its evidence recorded, soon. Never throws. */
  tryLater(escalationId: string): void;
}

interface SuggestionAnswerContext {
  readonly ledger: AnyLedger;
  readonly clock: Clock;
  readonly wake: Wake;
  /** `undefined`: there is no folder that a lesson could go to, as in a simulation. */
  readonly lessons?: Lessons;
}

/** The choices of a lesson that do not only end it. */
export function isLessonChoice({ does }: Choice): boolean {
  return does.kind === 'draft' || does.kind === 'learn';
}

/**
 * Takes a person's choice about a lesson, who may decide that: shows the draft, which leaves it open,
 * or makes it a playbook, which answers it. The file is written before that is recorded: after a crash
 * in between, accepting again finds it there.
 *
 * @returns `null`: another worker changed it meanwhile.
 * @throws what Redis throws.
 */
export async function answerSuggestion(
  context: SuggestionAnswerContext,
  stored: Stored<Escalation>,
  choice: Choice,
  by: string,
): Promise<AnswerResult | null> {
  const { ledger, clock, lessons } = context;
  const { lesson } = stored.value;
  if (lesson === undefined || lessons === undefined) return { kind: 'unknown_choice', choices: [] };
  if (choice.does.kind === 'draft') {
    const draft = await lessons.draft(lesson);
    if ('fault' in draft) return { kind: 'not_done', why: draft.fault };
    const shown = {
      ...stored.value,
      choices: lesson.draft === null ? draftChoices : choicesAnew(ledger.newId()),
      lesson: { ...lesson, draft, fault: null },
    };
    const done = await commit(shown, 'drafted', draft.name);
    if (done !== null) lessons.tryLater(stored.value.id);
    return done;
  }
  const written = await lessons.write(lesson);
  const nowMs = clock.now();
  if ('fault' in written) {
    const { fault } = written;
    const choices = faultChoices(stored.value.choices ?? []);
    const noted = { ...stored.value, choices, lesson: { ...lesson, fault } };
    if (lesson.fault !== fault && (await commit(noted)) === null) return null;
    return { kind: 'not_done', why: fault };
  }
  const answer = { choiceId: choice.id, label: choice.label, by, atMs: nowMs, runId: null };
  const learned = { ...lesson, written: written.file, fault: null };
  return commit(
    { ...stored.value, lesson: learned, state: 'answered', answer, endedAtMs: nowMs },
    'answered',
    `${choice.label}: ${written.file}`,
  );

  async function commit(
    escalation: Escalation,
    event?: string,
    detail?: string,
  ): Promise<AnswerResult | null> {
    const atMs = clock.now();
    const { id } = escalation;
    const save = ledger.saveEscalation(stored, escalation, atMs);
    const about = { atMs, subject: 'escalation', id, reason: 'learned', by } as const;
    const records = event === undefined ? [] : [ledger.audit({ ...about, event, detail })];
    const writes = [...save.writes, ...records];
    const result = await ledger.commit({ checks: [save.check], writes, nowMs: atMs });
    if (result.kind !== 'committed') return null;
    await context.wake(scheduleItem('message', id), atMs);
    return { kind: 'accepted', escalation };
  }
}
