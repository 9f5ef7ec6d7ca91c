import type { Labels } from '../alertmanager/alert.js';
import type { Lessons } from '../engine/people/answer-suggestion.js';
import type { AnyAction } from '../integrations/contract/action.js';
import type { Escalation } from '../ledger/escalation.js';
import type { Ledger } from '../ledger/ledger.js';
import { createPages } from '../ledger/pages.js';
import type { PlaybookSuggestion, SuggestionDraft } from '../ledger/playbook-suggestion.js';
import { conflict, retryOnConflict } from '../ledger/retry-on-conflict.js';
import type { Run } from '../ledger/run.js';
import { scheduleItem, type Wake } from '../ledger/schedule-item.js';
import type { Clock } from '../lib/clock.js';
import { messageOf } from '../lib/errors.js';
import type { Logger } from '../lib/logger.js';
import type { SourceFile } from '../playbook/file.js';
import type { PlaybookTexts } from '../playbook/read.js';
import { checkDraft, withFile } from './check-draft.js';
import { draftSuggestion } from './draft-suggestion.js';

/** What lessons are made with; `app/` puts it together. */
interface LessonsOptions {
  readonly ledger: Ledger;
  readonly actions: ReadonlyMap<string, AnyAction>;
  readonly workerAsg: string;
  /** Reads the folder of the playbooks as it is now. @throws where not all of it can be read. */
  readonly read: () => Promise<PlaybookTexts>;
  /** Adds files to it, in this order. @throws the error of the file system. */
  readonly add: (files: readonly SourceFile[]) => Promise<void>;
  /** Takes the folder over. @throws where that has to wait. */
  readonly reload: () => Promise<unknown>;
  /** Tries a draft on the recorded history, and says in sentences what came of it. Never throws. */
  readonly trial: (what: {
    readonly before: PlaybookTexts;
    readonly after: PlaybookTexts;
    readonly name: string;
    readonly size: number;
    readonly workerAsg: string;
    readonly sinceMs: number;
  }) => Promise<string>;
  readonly clock: Clock;
  readonly wake: Wake;
  readonly log: Logger;
}

/** How many of the latest questions are looked through for the same answer. */
const maxQuestions = 200;
/** How far back a draft is tried. */
const triedMs = 30 * 24 * 3_600_000;
const forgotten = 'Jidoka no longer has the run that helped.';

/** Drafts playbooks from what people did, tries them, and puts accepted ones into the folder. */
export function createPlaybookSuggestions(
  options: LessonsOptions,
): Lessons & { readonly catchUp: () => Promise<void> } {
  const { ledger, actions, workerAsg, clock, wake, log } = options;
  const pages = createPages({ ledger });

  async function draft({ runId, questionId }: PlaybookSuggestion): ReturnType<Lessons['draft']> {
    const [run, question] = await Promise.all([ledger.run(runId), ledger.escalation(questionId)]);
    if (run === null || question === null) return { fault: forgotten };
    const texts = await readFolder();
    if ('fault' in texts) return texts;
    const similar = await similarTo(run.value, questionId);
    const { value } = question;
    const about = { run: run.value, question: value, similar };
    return (await draftSuggestion({ ...about, texts, actions, workerAsg })) ?? { fault: forgotten };
  }

  /** The folder, or why it cannot be read: what a draft is tried among must be all of it. */
  async function readFolder(): Promise<PlaybookTexts | { readonly fault: string }> {
    try {
      return await options.read();
    } catch (error) {
      return { fault: `Jidoka cannot read the playbooks now: ${messageOf(error)}.` };
    }
  }

  /** The labels of other alerts of the same name for which people chose the same. */
  async function similarTo({ labels, steps }: Run, questionId: string): Promise<readonly Labels[]> {
    const { items } = await pages.escalations({
      limit: maxQuestions,
      before: undefined,
      openOnly: false,
    });
    const [step] = steps;
    const isSame = ({ id, answer, choices, ...other }: Escalation) => {
      const does = choices?.find((choice) => choice.id === answer?.choiceId)?.does;
      return (
        id !== questionId &&
        other.labels.alertname === labels.alertname &&
        does?.kind === 'act' &&
        does.action === step?.action &&
        does.target.id === step.target.id
      );
    };
    return items.filter(isSame).map((item) => item.labels);
  }

  async function write(lesson: PlaybookSuggestion): ReturnType<Lessons['write']> {
    const made = lesson.draft;
    const [run, question] = await Promise.all([
      ledger.run(lesson.runId),
      ledger.escalation(lesson.questionId),
    ]);
    if (made === null || run === null || question === null) {
      return { fault: 'The draft no longer exists.' };
    }
    const { labels } = run.value;
    const { annotations } = question.value;
    const folder = await readFolder();
    if ('fault' in folder) return folder;
    const texts = withoutSame(folder, made);
    const inTheWay = await checkDraft(made, texts, actions, { labels, annotations, workerAsg });
    if (inTheWay.length > 0) {
      const all = inTheWay.join('; ');
      return {
        fault: `Jidoka does not accept the draft: ${all}. Correct it, and put it in the folder by hand.`,
      };
    }
    try {
      // its tests first: a playbook without them would be in use
      await options.add([
        { file: made.testFile, text: made.testText },
        { file: made.file, text: made.text },
      ]);
    } catch (error) {
      return {
        fault: `Jidoka cannot write to the playbook folder (${messageOf(error)}): put ${made.file} and ${made.testFile} there by hand.`,
      };
    }
    try {
      await options.reload();
    } catch (error) {
      log.warn({ playbook: made.name, fault: messageOf(error) }, 'learned playbook not loaded yet');
    }
    log.info({ playbook: made.name, file: made.file }, 'playbook created from a suggestion');
    return { file: made.file };
  }

  function tryLater(escalationId: string): void {
    tryNow(escalationId).catch((error: unknown) => {
      log.warn(
        { escalation: escalationId, fault: messageOf(error) },
        'suggested playbook not backtested',
      );
    });
  }

  async function tryNow(escalationId: string): Promise<void> {
    const lesson = (await ledger.escalation(escalationId))?.value.lesson;
    const made = lesson?.draft ?? null;
    const run = lesson === undefined ? null : await ledger.run(lesson.runId);
    if (made === null || run === null) return;
    const folder = await readFolder();
    if ('fault' in folder) return record(escalationId, made, `It was not tried. ${folder.fault}`);
    const before = withoutSame(folder, made);
    const from = run.value.attempts[0]?.change.op.from;
    const trial = await options.trial({
      before,
      after: withFile(before, made),
      name: made.name,
      size: typeof from === 'number' ? from : 1,
      workerAsg,
      sinceMs: clock.now() - triedMs,
    });
    await record(escalationId, made, trial);
  }

  /** Puts down what a trial showed, unless there is another draft by now. */
  async function record(id: string, made: SuggestionDraft, trial: string): Promise<void> {
    await retryOnConflict(`escalation ${id}`, async () => {
      const stored = await ledger.escalation(id);
      const lesson = stored?.value.lesson;
      if (stored === null || lesson?.draft?.text !== made.text) return undefined;
      const value = { ...stored.value, lesson: { ...lesson, draft: { ...lesson.draft, trial } } };
      const nowMs = clock.now();
      const { check, writes } = ledger.saveEscalation(stored, value, nowMs);
      const about = { atMs: nowMs, subject: 'escalation', id, reason: 'learned' } as const;
      const tried = ledger.audit({ ...about, event: 'tried', detail: trial });
      const result = await ledger.commit({ checks: [check], writes: [...writes, tried], nowMs });
      if (result.kind !== 'committed') return conflict;
      return wake(scheduleItem('message', id), nowMs);
    });
  }

  /** Has drafts tried whose trial a stop of the engine has cut short. Throws what Redis throws. */
  async function catchUp(): Promise<void> {
    const { items } = await pages.escalations({
      limit: maxQuestions,
      before: undefined,
      openOnly: true,
    });
    for (const { id, lesson } of items) if (lesson?.draft?.trial === null) tryLater(id);
  }

  return { draft, write, tryLater, catchUp };
}

/** The folder without the draft itself, which is there already where a crash came after it was written. */
function withoutSame({ files, ...rest }: PlaybookTexts, made: SuggestionDraft): PlaybookTexts {
  const others = files.filter(({ file, text }) => file !== made.file || text !== made.text);
  return { files: others, ...rest };
}
