import { Hono } from 'hono';
import { createPages } from '../../ledger/pages.js';
import { PageHead } from '../components/page-head.js';
import { Empty, Older, Section } from '../components/section.js';
import type { ConsoleParts } from '../parts.js';
import { showPage } from '../show.js';
import type { ConsoleEnv } from '../visit.js';
import { AlertTable } from './alert-table.js';

const pageSize = 50;

/** `/alerts`: all alerts that are kept, the newest first; with `state=open` those that are firing. */
export function createAlertsPage({
  ledger,
  clock,
}: Pick<ConsoleParts, 'ledger' | 'clock'>): Hono<ConsoleEnv> {
  const pages = createPages({ ledger });
  const page = new Hono<ConsoleEnv>();

  page.get('/alerts', async (c) => {
    const before = c.req.query('before');
    const openOnly = c.req.query('state') === 'open';
    const { items, next } = await pages.episodes({ limit: pageSize, before, openOnly });
    const title = openOnly ? 'Firing alerts' : 'Alerts';
    return showPage(
      c,
      { title },
      <>
        <PageHead
          title={title}
          actions={
            openOnly ? (
              <a href="/alerts">All alerts</a>
            ) : (
              <a href="/alerts?state=open">Firing only</a>
            )
          }
        />
        <Section id="alerts" title={before === undefined ? 'Newest' : 'Older'}>
          {items.length === 0 ? (
            <Empty>No alerts.</Empty>
          ) : (
            <AlertTable
              caption={`${title}, the newest first`}
              episodes={items}
              nowMs={clock.now()}
            />
          )}
          <Older next={next} path={openOnly ? '/alerts?state=open' : '/alerts'} />
        </Section>
      </>,
    );
  });

  return page;
}
