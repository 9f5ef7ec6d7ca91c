import { Hono } from 'hono';
import { createPages } from '../../ledger/pages.js';
import { Badge } from '../components/badge.js';
import { nameOfAlert } from '../components/labels.js';
import { PageHead } from '../components/page-head.js';
import { Empty, Older, Section } from '../components/section.js';
import { Table } from '../components/table.js';
import { Ago } from '../components/time.js';
import type { ConsoleParts } from '../parts.js';
import { aimOf, originOf, standingOf, whyOf } from '../run-words.js';
import { showPage } from '../show.js';
import type { ConsoleEnv } from '../visit.js';

const pageSize = 50;

/** `/runs`: all runs that are kept, the newest first; with `state=open` those that are active. */
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
    const title = openOnly ? 'Active runs' : 'Runs';
    return showPage(
      c,
      { title },
      <>
        <PageHead
          title={title}
          actions={
            openOnly ? <a href="/runs">All runs</a> : <a href="/runs?state=open">Active only</a>
          }
        />
        <Section id="runs" title={before === undefined ? 'Newest' : 'Older'}>
          {items.length === 0 ? (
            <Empty>No runs.</Empty>
          ) : (
            <Table
              caption={`${title}, the newest first`}
              columns={['Run', 'Alert', 'Target', 'Status', 'Started']}
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
