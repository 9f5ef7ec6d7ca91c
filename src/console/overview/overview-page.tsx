import { Hono } from 'hono';
import { createEvidenceStore } from '../../ledger/evidence.js';
import { PageHead } from '../components/page-head.js';
import { AnswerForm } from '../escalation/choice-button.js';
import type { ConsoleParts } from '../parts.js';
import { showPage } from '../show.js';
import { type ConsoleEnv, mayChange } from '../visit.js';
import { ActiveRuns } from './active-runs.js';
import { AllClear } from './all-clear.js';
import { Connections } from './connections.js';
import { Deferred } from './deferred.js';
import { Filters } from './filters.js';
import { itemMatcher } from './item.js';
import { NeedsAttention, onPage } from './needs-attention.js';
import { overviewQuerySchema } from './overview-query.js';
import { type Overview, readOverview } from './read-overview.js';

/** `/`: what needs attention, and what the engine does about the rest. */
export function createOverviewPage(parts: ConsoleParts): Hono<ConsoleEnv> {
  const page = new Hono<ConsoleEnv>();

  page.get('/', async (c) => {
    const query = overviewQuerySchema.parse(c.req.query());
    const now = await readOverview(parts);
    const visitor = c.get('visitor');
    const { severity } = parts.active().policy;
    const { items, total } = now.attention;
    const shown = items.filter(itemMatcher(query));
    const ids = onPage(shown, query).map(({ id }) => id);
    const found = await createEvidenceStore(parts.ledger).headlines(ids);
    const headlines = new Map(
      ids.flatMap((id, index) => (found[index] == null ? [] : [[id, found[index]] as const])),
    );
    return showPage(
      c,
      { title: total === 0 ? 'Overview' : `(${total}) Overview` },
      <>
        <PageHead title="Overview">
          <Stats now={now} />
        </PageHead>
        {items.length > 0 && (
          <Filters items={items} query={query} severity={severity} visitor={visitor} />
        )}
        {mayChange(visitor) && <AnswerForm visitor={visitor} />}
        <div class="with-side">
          <NeedsAttention
            items={shown}
            query={query}
            severity={severity}
            headlines={headlines}
            visitor={visitor}
            nowMs={now.nowMs}
          >
            {total === 0 && <AllClear now={now} />}
            {items.length > 0 && shown.length === 0 && (
              <p class="pad empty">No open item matches the filters.</p>
            )}
            {total > items.length && (
              <p class="pad notice">
                Shown and filtered are the {items.length} newest of {total}.{' '}
                <a href="/escalations?state=open">All open escalations</a>
              </p>
            )}
          </NeedsAttention>
          <aside class="side" aria-label="Engine">
            <ActiveRuns now={now} visitor={visitor} />
            <Deferred now={now} visitor={visitor} />
            <Connections health={now.health} />
          </aside>
        </div>
      </>,
    );
  });

  return page;
}

/** The page in a line, for a person who was just woken. */
function Stats({ now }: { readonly now: Overview }) {
  const { attention, firing, runs, undelivered } = now;
  return (
    <ul class="stats">
      <li>
        <b>{attention.total}</b> need attention
      </li>
      <li>
        <a href="/alerts?state=open">
          <b>{firing}</b> firing
        </a>
      </li>
      <li>
        <a href="/runs?state=open">
          <b>{runs.total}</b> active {runs.total === 1 ? 'run' : 'runs'}
        </a>
      </li>
      {undelivered > 0 && (
        <li class="bad">
          <b>{undelivered}</b> not delivered to Slack
        </li>
      )}
    </ul>
  );
}
