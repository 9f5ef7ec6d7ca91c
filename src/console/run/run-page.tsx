import { Hono } from 'hono';
import { createPages } from '../../ledger/pages.js';
import { Badge } from '../components/badge.js';
import { Code } from '../components/code.js';
import { LabelList } from '../components/labels.js';
import { Section } from '../components/section.js';
import { At } from '../components/time.js';
import type { ConsoleParts } from '../parts.js';
import { aimOf, originOf, standingOf, whyOf } from '../run-words.js';
import { showMissing, showPage } from '../show.js';
import type { ConsoleEnv } from '../visit.js';

/** `/runs/:id`: what one run did, why, and what came of it. */
export function createRunPage({ ledger }: Pick<ConsoleParts, 'ledger'>): Hono<ConsoleEnv> {
  const pages = createPages({ ledger });
  const page = new Hono<ConsoleEnv>();

  page.get('/runs/:id', async (c) => {
    const run = await pages.run(c.req.param('id'));
    if (run === null) return showMissing(c, 'run');
    const { tone, word } = standingOf(run);
    return showPage(
      c,
      { title: `${originOf(run)} on ${aimOf(run)}` },
      <>
        <div class="row">
          <h1>
            {originOf(run)} on {aimOf(run)}
          </h1>
          <Badge tone={tone}>{word}</Badge>
        </div>
        <Section id="what" title="What it is">
          <p>{whyOf(run)}</p>
          <dl class="facts">
            <dt>Begun</dt>
            <dd>
              <At ms={run.createdAtMs} />
            </dd>
          </dl>
          <LabelList labels={run.labels} />
        </Section>
        <Section id="steps" title="Its steps">
          {run.steps.map(({ action, params }) => (
            <Code label={action} text={JSON.stringify({ [action]: params }, null, 2)} />
          ))}
        </Section>
      </>,
    );
  });

  return page;
}
