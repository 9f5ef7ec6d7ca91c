import { Hono } from 'hono';
import { z } from 'zod';
import { describeFound } from '../../escalation/describe.js';
import type { Choice, Escalation } from '../../ledger/escalation.js';
import { createPages, type Membership } from '../../ledger/pages.js';
import { reasons } from '../../ledger/reason.js';
import { describeClosed } from '../../slack/describe-closed.js';
import { Badge } from '../components/badge.js';
import { Button, Field, Form } from '../components/form.js';
import { LabelList } from '../components/labels.js';
import { OutsideLink } from '../components/outside-link.js';
import { Section } from '../components/section.js';
import { At } from '../components/time.js';
import { readForm } from '../form-fields.js';
import type { ConsoleParts } from '../parts.js';
import { showMissing, showPage, showProblem } from '../show.js';
import { type ConsoleContext, type ConsoleEnv, mayChange, type Visitor } from '../visit.js';
import { ChoiceButtons } from './choice-buttons.js';
import { standingOfEscalation } from './escalation-words.js';
import { LessonDetails } from './lesson.js';

const answerSchema = z.object({
  choice: z.string().min(1, 'expected a choice').max(100),
  comment: z.string().trim().max(1_000, 'expected at most 1000 characters').default(''),
});

/** `/escalations/:id`: one question or report, the page that asks once more, and the answer. */
export function createEscalationPage({
  ledger,
  answer,
}: Pick<ConsoleParts, 'ledger' | 'answer'>): Hono<ConsoleEnv> {
  const pages = createPages({ ledger });
  const page = new Hono<ConsoleEnv>();

  page.get('/escalations/:id', async (c) => {
    const escalation = await pages.escalation(c.req.param('id'));
    if (escalation === null) return showMissing(c, 'question or report');
    return showPage(
      c,
      { title: escalation.title },
      <EscalationDetails escalation={escalation} visitor={c.get('visitor')} />,
    );
  });

  page.get('/escalations/:id/confirm', async (c) => {
    const escalation = await pages.escalation(c.req.param('id'));
    if (escalation === null) return showMissing(c, 'question or report');
    if (escalation.state !== 'open') return tooLate(c, escalation);
    if (!mayChange(c.get('visitor'))) return c.redirect(`/escalations/${escalation.id}`, 303);
    const choice = escalation.choices?.find(({ id }) => id === c.req.query('choice'));
    if (choice === undefined) return showMissing(c, 'such choice');
    const title = `${choice.label}?`;
    return showPage(
      c,
      { title, live: false },
      <Confirmation escalation={escalation} choice={choice} visitor={c.get('visitor')} />,
    );
  });

  page.post('/escalations/:id/answer', async (c) => {
    const { choice, comment } = await readForm(c, answerSchema);
    const id = c.req.param('id');
    const person = { via: 'console', name: c.get('visitor').name } as const;
    const result = await answer({ id, choiceId: choice, person, ...(comment && { comment }) });
    switch (result.kind) {
      case 'accepted':
        return c.redirect(placeAfter(result.escalation), 303);
      case 'too_late':
        return tooLate(c, result.escalation);
      case 'not_done':
        return showProblem(c, { status: 409, title: 'That could not be done', why: result.why });
      case 'not_allowed':
        return showProblem(c, { status: 403, title: 'Nothing was changed', why: result.why });
      case 'unknown_choice':
        return showProblem(c, {
          status: 409,
          title: 'Nothing was changed',
          why: 'That cannot be chosen any more. Go back and reload the page: the choices have changed.',
        });
      case 'unknown_escalation':
        return showMissing(c, 'question or report');
    }
  });

  return page;
}

/** Where to see what comes of an answer: the run that it started or let go on, else the question. */
function placeAfter({ id, answer }: Escalation): string {
  return answer?.runId ? `/runs/${answer.runId}` : `/escalations/${id}`;
}

function tooLate(c: ConsoleContext, escalation: Escalation) {
  const why = describeClosed(escalation);
  return showProblem(c, { status: 409, title: 'Somebody was faster', why });
}

function EscalationDetails(props: {
  readonly escalation: Escalation & Membership;
  readonly visitor: Visitor;
}) {
  const { escalation, visitor } = props;
  const { title, detail, reason, labels, annotations, links, misses, state, answer } = escalation;
  const { tone, word } = standingOfEscalation(escalation);
  const summary = annotations.summary ?? annotations.description;
  return (
    <>
      <div class="row">
        <h1>{title}</h1>
        <Badge tone={tone}>{word}</Badge>
      </div>
      <Section id="what" title="What it is about">
        {summary && <p class="lines">{summary}</p>}
        <p class={summary ? 'lines soft' : 'lines'}>{detail || reasons[reason]}</p>
        {state === 'open' && mayChange(visitor) && (
          <ChoiceButtons escalation={escalation} visitor={visitor} />
        )}
        {state !== 'open' && <p>{describeClosed(escalation)}</p>}
        {answer?.comment && <blockquote class="lines">{answer.comment}</blockquote>}
        <dl class="facts">
          <dt>Asked</dt>
          <dd>
            <At ms={escalation.createdAtMs} />
          </dd>
          {escalation.kind !== 'lesson' && (
            <>
              <dt>Alerts</dt>
              <dd>
                {escalation.joined} in all, {escalation.openEpisodes} still firing
              </dd>
            </>
          )}
          {escalation.runId !== null && (
            <>
              <dt>Run</dt>
              <dd>
                <a href={`/runs/${escalation.runId}`}>{escalation.runId}</a>
              </dd>
            </>
          )}
        </dl>
      </Section>
      <LessonDetails escalation={escalation} />
      <Section id="alert" title="The alert">
        <LabelList labels={labels} />
        <dl class="facts">
          {Object.entries(annotations).map(([name, value]) => (
            <>
              <dt>{name}</dt>
              <dd class="lines">
                <OutsideLink url={value}>{value}</OutsideLink>
              </dd>
            </>
          ))}
        </dl>
        {links.length > 0 && (
          <ul class="row bare">
            {links.map(({ text, url }) => (
              <li>
                <OutsideLink url={url}>{text}</OutsideLink>
              </li>
            ))}
          </ul>
        )}
      </Section>
      {misses.length > 0 && (
        <Section id="misses" title="The playbooks that come nearest">
          <ul class="list">
            {misses.map(({ playbook, clause, expected, actual }) => (
              <li>
                <div>
                  <b>{playbook}</b> wants <code>{clause}</code>: expected {expected}, got{' '}
                  {describeFound(actual)}
                </div>
              </li>
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}

/** Asks once more, with what follows, and takes a reason. */
function Confirmation(props: {
  readonly escalation: Escalation;
  readonly choice: Choice;
  readonly visitor: Visitor;
}) {
  const { escalation, choice, visitor } = props;
  return (
    <section class="card narrow">
      <h1>{choice.label}?</h1>
      <p>{escalation.title}</p>
      {choice.confirm !== undefined && <p class="notice">{choice.confirm}</p>}
      <p class="lines soft">{escalation.detail}</p>
      <Form action={`/escalations/${escalation.id}/answer`} csrf={visitor.csrf}>
        <input type="hidden" name="choice" value={choice.id} />
        <Field
          id="comment"
          label="Why (if you like)"
          hint="It is kept with the decision, for the others to read."
          maxlength={1_000}
        />
        <div class="row">
          <Button danger={choice.style === 'danger'} primary={choice.style !== 'danger'}>
            {choice.label}
          </Button>
          <a href={`/escalations/${escalation.id}`}>Do nothing</a>
        </div>
      </Form>
    </section>
  );
}
