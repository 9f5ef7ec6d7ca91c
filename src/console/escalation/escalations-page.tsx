import { Hono } from 'hono';
import { createPages } from '../../ledger/pages.js';
import { Badge } from '../components/badge.js';
import { PageHead } from '../components/page-head.js';
import { Empty, Older, Section } from '../components/section.js';
import { SeverityMark } from '../components/severity-mark.js';
import { Table } from '../components/table.js';
import { Ago } from '../components/time.js';
import { itemOfEscalation } from '../overview/item.js';
import type { ConsoleParts } from '../parts.js';
import { showPage } from '../show.js';
import type { ConsoleEnv } from '../visit.js';
import { standingOfEscalation } from './escalation-words.js';

const pageSize = 50;

/** `/escalations`: all escalations that are kept, the newest first; with `state=open` those that are open. */
export function createEscalationsPage({
  ledger,
  active,
  clock,
}: Pick<ConsoleParts, 'ledger' | 'active' | 'clock'>): Hono<ConsoleEnv> {
  const pages = createPages({ ledger });
  const page = new Hono<ConsoleEnv>();

  page.get('/escalations', async (c) => {
    const before = c.req.query('before');
    const openOnly = c.req.query('state') === 'open';
    const { items, next } = await pages.escalations({ limit: pageSize, before, openOnly });
    const nowMs = clock.now();
    const { order } = active().policy.severity;
    const title = openOnly ? 'Open escalations' : 'Escalations';
    return showPage(
      c,
      { title },
      <>
        <PageHead
          title={title}
          actions={
            openOnly ? (
              <a href="/escalations">All escalations</a>
            ) : (
              <a href="/escalations?state=open">Open only</a>
            )
          }
        />
        <Section id="escalations" title={before === undefined ? 'Newest' : 'Older'}>
          {items.length === 0 ? (
            <Empty>No escalations.</Empty>
          ) : (
            <Table
              caption={`${title}, the newest first`}
              columns={['Severity', 'Escalation', 'Summary', 'Alerts', 'Status', 'Opened']}
              rows={items.map((escalation) => {
                const item = itemOfEscalation(active(), escalation);
                const { tone, word } = standingOfEscalation(escalation);
                return [
                  <SeverityMark severity={item.severity} order={order} />,
                  <a href={item.href}>{item.title}</a>,
                  <>
                    {item.word !== '' && (
                      <>
                        <Badge tone={item.tone}>{item.word}</Badge>{' '}
                      </>
                    )}
                    {item.summary}
                  </>,
                  escalation.joined,
                  <Badge tone={tone}>{word}</Badge>,
                  <Ago ms={escalation.createdAtMs} nowMs={nowMs} />,
                ];
              })}
            />
          )}
          <Older next={next} path={openOnly ? '/escalations?state=open' : '/escalations'} />
        </Section>
      </>,
    );
  });

  return page;
}
