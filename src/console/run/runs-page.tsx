import { Hono } from 'hono';
import { createPages } from '../../ledger/pages.js';
import { Badge } from '../components/badge.js';
import { nameOfAlert } from '../components/labels.js';
import { Empty, Older, Section } from '../components/section.js';
import { Table } from '../components/table.js';
import { Ago } from '../components/time.js';
import type { ConsoleParts } from '../parts.js';
import { aimOf, originOf, standingOf, whyOf } from '../run-words.js';
import { showPage } from '../show.js';
import type { ConsoleEnv } from '../visit.js';

const pageSize = 50;

/** `/runs`: all runs that are kept, the newest first; with `state=open` those under way. */
export function createRunsPage({
  ledger,
  clock,
}: Pick<ConsoleParts, 'ledger' | 'clock'>): Hono<ConsoleEnv> {
  const pages = createPages({ ledger });
  const page = new Hono<ConsoleEnv>();

  page.get('/runs', async (c) => {
    const before = c.req.query('before');
    const openOnly = c.req.query('state') === 'open';
    const { items, next } = await pages.runs({ limit: pageSize, before, openOnly });
    const nowMs = clock.now();
    const title = openOnly ? 'Runs under way' : 'Runs';
    return showPage(
      c,
      { title },
      <>
        <h1>{title}</h1>
        <Section id="runs" title={before === undefined ? 'The newest' : 'Older ones'}>
          {items.length === 0 ? (
            <Empty>There are no runs here.</Empty>
          ) : (
            <Table
              caption={`${title}, the newest first`}
              columns={['Run', 'For', 'Changes', 'Stands', 'Begun']}
              rows={items.map((run) => [
                <a href={`/runs/${run.id}`}>{originOf(run)}</a>,
                nameOfAlert(run.labels),
                aimOf(run),
                <>
                  <Badge tone={standingOf(run).tone}>{standingOf(run).word}</Badge>{' '}
                  <span class="soft">{whyOf(run)}</span>
                </>,
                <Ago ms={run.createdAtMs} nowMs={nowMs} />,
              ])}
            />
          )}
          <Older next={next} path={openOnly ? '/runs?state=open' : '/runs'} />
        </Section>
      </>,
    );
  });

  return page;
}
