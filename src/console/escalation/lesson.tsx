import { Hono } from 'hono';
import type { Escalation } from '../../ledger/escalation.js';
import type { Ledger } from '../../ledger/ledger.js';
import type { PlaybookSuggestion } from '../../ledger/playbook-suggestion.js';
import { Code } from '../components/code.js';
import { Section } from '../components/section.js';
import { showMissing } from '../show.js';
import type { ConsoleEnv } from '../visit.js';

/** What a lesson is about, and the playbook with its tests as soon as there is a draft. */
export function LessonDetails({ escalation }: { readonly escalation: Escalation }) {
  const { id, lesson, state } = escalation;
  if (lesson === undefined) return null;
  return (
    <>
      <Section id="lesson" title="Suggested playbook">
        <p>
          A person's <a href={`/escalations/${lesson.questionId}`}>answer</a> helped, in this{' '}
          <a href={`/runs/${lesson.runId}`}>run</a>.
        </p>
        {lesson.written !== null && <Written file={lesson.written} />}
        {state === 'open' && <Remarks lesson={lesson} />}
      </Section>
      {lesson.draft !== null && (
        <>
          <Section id="draft" title="Playbook">
            <p>
              <a href={`/escalations/${id}/playbook`} download="">
                Download {lesson.draft.file}
              </a>
            </p>
            <Code label={lesson.draft.file} text={lesson.draft.text} />
          </Section>
          <Section id="draft-tests" title="Tests">
            <p>
              <a href={`/escalations/${id}/playbook-tests`} download="">
                Download {lesson.draft.testFile}
              </a>
            </p>
            <Code label={lesson.draft.testFile} text={lesson.draft.testText} />
          </Section>
        </>
      )}
    </>
  );
}

/** What it would have done, and what is in its way. */
function Remarks({ lesson: { draft, fault } }: { readonly lesson: PlaybookSuggestion }) {
  if (draft === null) return null;
  const inTheWay = [...(fault === null ? [] : [fault]), ...draft.warnings];
  return (
    <>
      <p>{draft.trial ?? 'A backtest on received alerts is running…'}</p>
      {inTheWay.length > 0 && (
        <ul>
          {inTheWay.map((each) => (
            <li>
              <strong>{each}</strong>
            </li>
          ))}
        </ul>
      )}
      {draft.notes.length > 0 && (
        <ul class="soft">
          {draft.notes.map((note) => (
            <li>{note}</li>
          ))}
        </ul>
      )}
    </>
  );
}

function Written({ file }: { readonly file: string }) {
  return (
    <p>
      Written to <code>{file}</code> with its tests. The next such alert asks with one click. When
      that has gone well for some time, set <code>mode: auto</code> in it, and keep both files in
      git.
    </p>
  );
}

/** `/escalations/:id/playbook` and `…/playbook-tests`: both files of a draft, for a folder that is read-only. */
export function createLessonFiles({ ledger }: { readonly ledger: Ledger }): Hono<ConsoleEnv> {
  const files = new Hono<ConsoleEnv>();
  for (const what of ['playbook', 'playbook-tests'] as const) {
    files.get(`/escalations/:id/${what}`, async (c) => {
      const stored = await ledger.escalation(c.req.param('id'));
      const draft = stored?.value.lesson?.draft ?? null;
      if (draft === null) return showMissing(c, 'draft of a playbook');
      const [name, text] =
        what === 'playbook'
          ? [`${draft.name}.yaml`, draft.text]
          : [`${draft.name}.test.yaml`, draft.testText];
      return c.body(text, 200, {
        'content-type': 'text/yaml; charset=utf-8',
        'content-disposition': `attachment; filename="${name}"`,
      });
    });
  }
  return files;
}
