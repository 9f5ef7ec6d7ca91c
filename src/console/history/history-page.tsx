import { Hono } from 'hono';
import { alertMatcher } from '../../engine/reports/alert-query.js';
import { reportOf } from '../../engine/reports/report.js';
import { searchAlerts } from '../../engine/reports/search-alerts.js';
import { PageHead } from '../components/page-head.js';
import type { ConsoleParts } from '../parts.js';
import { showPage } from '../show.js';
import type { ConsoleEnv } from '../visit.js';
import { FiguresSection, ReachedSection } from './figures.js';
import { edgeOf, historyQuerySchema } from './history-query.js';
import { SearchSection } from './search.js';

const shownDays = 30;

/** `/history`: what became of alerts, in figures and one by one. */
export function createHistoryPage(
  parts: Pick<ConsoleParts, 'ledger' | 'active' | 'clock'>,
): Hono<ConsoleEnv> {
  const { ledger, active, clock } = parts;
  const page = new Hono<ConsoleEnv>();

  page.get('/history', async (c) => {
    const query = historyQuerySchema.parse(c.req.query());
    const nowMs = clock.now();
    const range = {
      before: c.req.query('before'),
      sinceMs: edgeOf(query.since, 'begins'),
      untilMs: edgeOf(query.until, 'ends'),
    };
    const { q: words, playbook, fate, reason } = query;
    const [report, found] = await Promise.all([
      reportOf(ledger, active().policy, { days: shownDays, nowMs }),
      searchAlerts(ledger, range, alertMatcher({ words, playbook, fate, reason })),
    ]);
    const asked = Object.entries(query).filter(([, value]) => value !== '');
    const search = new URLSearchParams(asked).toString();
    const path = search === '' ? '/history' : `/history?${search}`;
    const isFirst = asked.length === 0 && range.before === undefined;
    return showPage(
      c,
      { title: 'History', live: false },
      <>
        <PageHead title="History" />
        {isFirst && (
          <div class="columns">
            <FiguresSection report={report} />
            <ReachedSection report={report} />
          </div>
        )}
        <SearchSection query={query} path={path} found={found} nowMs={nowMs} />
      </>,
    );
  });

  return page;
}
