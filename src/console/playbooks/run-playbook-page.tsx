import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import { z } from 'zod';
import type { Explanation } from '../../engine/explain/explanation.js';
import { reasons } from '../../ledger/reason.js';
import { labelFields, manualLabels } from '../../playbook/label-fields.js';
import type { Playbook } from '../../playbook/playbook.js';
import { Button, Field, Form } from '../components/form.js';
import { LabelList } from '../components/labels.js';
import { Empty, Section } from '../components/section.js';
import { Clauses } from '../decision/clauses.js';
import { ForecastItem } from '../decision/forecast-item.js';
import { readFields, readForm } from '../form-fields.js';
import type { ConsoleParts } from '../parts.js';
import { showMissing, showPage, showProblem } from '../show.js';
import { type ConsoleEnv, deciderOf, mayChange, type Visitor } from '../visit.js';
import { HiddenLabels, LabelInput, labelsIn } from './label-input.js';

const requestSchema = z.object({
  why: z.string().trim().min(1, 'expected a reason; Jidoka keeps it with the run').max(500),
  key: z.string().min(8).max(100),
});

/**
 * `/playbooks/:name/run`: asks for the labels of a playbook, shows what a run by hand would do, and starts
 * it. The address holds the labels, so that a reload previews again and starts nothing.
 */
export function createRunPlaybookPage(
  parts: Pick<ConsoleParts, 'active' | 'explain' | 'runPlaybook' | 'clock'>,
): Hono<ConsoleEnv> {
  const { active, explain, runPlaybook, clock } = parts;
  const page = new Hono<ConsoleEnv>();

  page.get('/playbooks/:name/run', async (c) => {
    const playbook = active().library.named(c.req.param('name'));
    if (playbook === undefined || playbook.ignore) return showMissing(c, 'playbook');
    const { name } = playbook;
    const query = c.req.query();
    const given = labelsIn(query);
    const labels = manualLabels(playbook, given);
    const explanation = query.preview === undefined ? null : await preview(name, labels);
    return showPage(
      c,
      { title: `Run ${name}`, live: false },
      <>
        <h1>
          Run <a href={`/playbooks/${encodeURIComponent(name)}`}>{name}</a>
        </h1>
        <div class="columns">
          <AskLabels playbook={playbook} given={given} />
          {explanation !== null && (
            <Preview
              explanation={explanation}
              playbook={playbook}
              labels={labels}
              visitor={c.get('visitor')}
            />
          )}
        </div>
      </>,
    );
  });

  page.post('/playbooks/:name/run', async (c) => {
    const { why, key } = await readForm(c, requestSchema);
    const labels = labelsIn(await readFields(c));
    const playbook = c.req.param('name');
    const result = await runPlaybook({ playbook, labels, by: deciderOf(c), why, key });
    switch (result.kind) {
      case 'unknown_playbook':
        return showMissing(c, 'playbook');
      case 'not_runnable':
        return showProblem(c, { status: 400, title: 'Nothing was started', why: result.why });
      case 'key_used': {
        const said = 'This page was used for another run before. Preview it again.';
        return showProblem(c, { status: 409, title: 'Nothing was started', why: said });
      }
      case 'accepted': {
        const { runId, state } = result.state;
        if (runId !== undefined) return c.redirect(`/runs/${runId}`, 303);
        if (state !== 'queued') return c.redirect(`/alerts/${result.alertId}`, 303);
        return showAccepted(result.alertId);
      }
    }

    function showAccepted(alertId: string): Promise<Response> {
      return showPage(
        c,
        { title: 'Accepted', live: false },
        <section class="card narrow">
          <h1>Accepted</h1>
          <p>Jidoka has stored the request and has not decided yet.</p>
          <p>
            <a href={`/alerts/${alertId}`}>Its decision</a>
          </p>
        </section>,
      );
    }
  });

  /** What would come of a run with these labels now. */
  async function preview(
    playbook: string,
    labels: Readonly<Record<string, string>>,
  ): Promise<Explanation | null> {
    const alert = {
      status: 'firing',
      source: 'manual',
      labels,
      annotations: {},
      startsAtMs: clock.now(),
      endsAtMs: null,
      generatorUrl: '',
      fingerprint: '',
    } as const;
    const [explanation] = await explain({ alerts: [alert], playbook, all: false });
    return explanation ?? null;
  }

  return page;
}

function AskLabels(props: {
  readonly playbook: Playbook;
  readonly given: Readonly<Record<string, string>>;
}) {
  const { playbook, given } = props;
  const fields = labelFields(playbook);
  const open = fields.filter(({ fixed }) => fixed === undefined);
  const fixed = fields.flatMap(({ name, fixed: value }) => (value ? [[name, value] as const] : []));
  return (
    <Section id="labels" title="Labels">
      <p>{playbook.summary}</p>
      {fixed.length > 0 && <LabelList labels={Object.fromEntries(fixed)} />}
      <form method="get" action={`/playbooks/${encodeURIComponent(playbook.name)}/run`}>
        <input type="hidden" name="preview" value="1" />
        {open.length > 0 && (
          <div class="fields">
            {open.map((field, index) => (
              <LabelInput field={field} id={`label-${index}`} value={given[field.name]} />
            ))}
          </div>
        )}
        <Button>Preview</Button>
      </form>
    </Section>
  );
}

function Preview(props: {
  readonly explanation: Explanation;
  readonly playbook: Playbook;
  readonly labels: Readonly<Record<string, string>>;
  readonly visitor: Visitor;
}) {
  const { explanation, playbook, labels, visitor } = props;
  const { own, forecasts, atMs } = explanation;
  const about = forecasts.filter((forecast) => forecast.playbook === playbook.name);
  const mayStart = about.some(({ shadow }) => !shadow) && mayChange(visitor);
  return (
    <Section id="preview" title="Preview">
      {own !== null && (
        <p class="notice">
          Jidoka: {reasons[own.reason]}
          {own.detail !== '' && `: ${own.detail}`}
        </p>
      )}
      {about.length === 0 && (
        <>
          <Empty>The playbook does not match these labels.</Empty>
          <Clauses playbooks={explanation.playbooks} />
        </>
      )}
      <ul class="list" hidden={about.length === 0}>
        {about.map((forecast) => (
          <li>
            <ForecastItem forecast={forecast} nowMs={atMs} />
          </li>
        ))}
      </ul>
      {mayStart && (
        <Form action={`/playbooks/${encodeURIComponent(playbook.name)}/run`} csrf={visitor.csrf}>
          <HiddenLabels labels={labels} />
          <input type="hidden" name="key" value={randomUUID()} />
          <div class="fields">
            <Field id="run-why" name="why" label="Reason" maxlength={500} required />
          </div>
          <Button primary>Run</Button>
        </Form>
      )}
    </Section>
  );
}
