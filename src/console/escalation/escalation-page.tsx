import { Hono } from 'hono';
import { z } from 'zod';
import { parseClick } from '../../escalation/click.js';
import { lookUpEvidence } from '../../evidence/look-up.js';
import type { Choice, Escalation } from '../../ledger/escalation.js';
import { createPages } from '../../ledger/pages.js';
import { describeClosed } from '../../slack/describe-closed.js';
import { back } from '../back.js';
import { Button, Field, Form } from '../components/form.js';
import { readFields, readForm } from '../form-fields.js';
import type { ConsoleParts } from '../parts.js';
import { showMissing, showPage, showProblem } from '../show.js';
import {
  type ConsoleContext,
  type ConsoleEnv,
  deciderOf,
  mayChange,
  type Visitor,
} from '../visit.js';
import { alertsPageSize } from './alerts-section.js';
import { EscalationDetails } from './escalation-details.js';

const answerSchema = z.object({
  choice: z.string().min(1, 'expected a choice').max(100),
  comment: z.string().trim().max(1_000, 'expected at most 1000 characters').default(''),
});
const pageNumber = z.coerce.number().int().min(1).max(1_000).default(1).catch(1);
/** How many escalations are acknowledged at once. */
const maxPicked = 200;

/** `/escalations/:id`: one question or report, the page that asks for confirmation, and the answer. */
export function createEscalationPage(
  parts: Pick<ConsoleParts, 'ledger' | 'answer' | 'active' | 'clock'>,
): Hono<ConsoleEnv> {
  const { ledger, answer, active, clock } = parts;
  const pages = createPages({ ledger });
  const page = new Hono<ConsoleEnv>();

  page.get('/escalations/:id', async (c) => {
    const escalation = await pages.escalation(c.req.param('id'));
    if (escalation === null) return showMissing(c, 'question or report');
    const alertsPage = pageNumber.parse(c.req.query('alerts'));
    const from = (alertsPage - 1) * alertsPageSize;
    const [firing, run, evidence] = await Promise.all([
      pages.firing(escalation, { from, limit: alertsPageSize }),
      escalation.runId === null ? null : ledger.run(escalation.runId),
      escalation.kind === 'lesson' ? null : lookUpEvidence(ledger, escalation, clock.now()),
    ]);
    return showPage(
      c,
      { title: escalation.title },
      <EscalationDetails
        escalation={escalation}
        run={run?.value ?? null}
        evidence={evidence}
        alerts={{ ...firing, page: alertsPage }}
        active={active()}
        visitor={c.get('visitor')}
        nowMs={clock.now()}
      />,
    );
  });

  page.get('/escalations/:id/confirm', async (c) => {
    const escalation = await pages.escalation(c.req.param('id'));
    if (escalation === null) return showMissing(c, 'question or report');
    if (escalation.state !== 'open') return tooLate(c, escalation);
    if (!mayChange(c.get('visitor'))) return c.redirect(`/escalations/${escalation.id}`, 303);
    const choice = escalation.choices?.find(({ id }) => id === c.req.query('choice'));
    if (choice === undefined) return showMissing(c, 'such choice');
    return showPage(
      c,
      { title: `${choice.label}?`, live: false },
      <Confirmation escalation={escalation} choice={choice} visitor={c.get('visitor')} />,
    );
  });

  // before the route of one escalation, whose id could be this word
  page.post('/escalations/acknowledge', async (c) => {
    const picked = Object.keys(await readFields(c)).flatMap((name) =>
      name.startsWith(pickPrefix) ? [name.slice(pickPrefix.length)] : [],
    );
    if (picked.length === 0 || picked.length > maxPicked) {
      const why = `Select 1 to ${maxPicked} items first, got ${picked.length}.`;
      return showProblem(c, { status: 400, title: 'Nothing was changed', why });
    }
    const person = { via: 'console', name: deciderOf(c) } as const;
    const results = await Promise.all(picked.map((id) => answer({ id, choiceId: 'ack', person })));
    const missed = results.filter(({ kind }) => kind !== 'accepted').length;
    if (missed === 0) return back(c);
    const why = `${picked.length - missed} of ${picked.length} are acknowledged. The others were decided or withdrawn meanwhile, or you may not decide them.`;
    return showProblem(c, { status: 409, title: 'Not all were acknowledged', why });
  });

  page.post('/escalations/answer', async (c) => {
    const given = parseClick(String((await readFields(c)).answer ?? ''));
    if (given === null) return showMissing(c, 'such choice');
    return take(c, given.escalationId, given.choiceId, '');
  });

  page.post('/escalations/:id/answer', async (c) => {
    const { choice, comment } = await readForm(c, answerSchema);
    return take(c, c.req.param('id'), choice, comment);
  });

  async function take(c: ConsoleContext, id: string, choiceId: string, comment: string) {
    const person = { via: 'console', name: deciderOf(c) } as const;
    const result = await answer({ id, choiceId, person, ...(comment && { comment }) });
    switch (result.kind) {
      case 'accepted':
        return placeAfter(c, result.escalation);
      case 'too_late':
        return tooLate(c, result.escalation);
      case 'not_done':
        return showProblem(c, { status: 409, title: 'Not possible', why: result.why });
      case 'not_allowed':
        return showProblem(c, { status: 403, title: 'Nothing was changed', why: result.why });
      case 'unknown_choice':
        return showProblem(c, {
          status: 409,
          title: 'Nothing was changed',
          why: 'This choice no longer exists. Go back and reload the page: the choices have changed.',
        });
      case 'unknown_escalation':
        return showMissing(c, 'question or report');
    }
  }

  return page;
}

/** How the field of an item that is picked begins; its id follows. */
const pickPrefix = 'pick-';

/** Where to see what follows: the run that was started or let go on, a draft, else where the choice was made. */
function placeAfter(c: ConsoleContext, { id, answer, state }: Escalation) {
  if (answer?.runId) return c.redirect(`/runs/${answer.runId}`, 303);
  // from the page that asks for confirmation there is no way back to it
  const isConfirmed = c.req.path !== '/escalations/answer';
  if (state === 'open' || isConfirmed) return c.redirect(`/escalations/${id}`, 303);
  return back(c, `/escalations/${id}`);
}

function tooLate(c: ConsoleContext, escalation: Escalation) {
  const why = describeClosed(escalation);
  return showProblem(c, { status: 409, title: 'Already decided', why });
}

/** Asks for confirmation, with what follows, and takes a reason. */
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
          label="Reason (optional)"
          hint="Jidoka records it with the decision."
          maxlength={1_000}
        />
        <div class="row">
          <Button danger={choice.style === 'danger'} primary={choice.does.kind === 'approve'}>
            {choice.label}
          </Button>
          <a href={`/escalations/${escalation.id}`}>Back</a>
        </div>
      </Form>
    </section>
  );
}
