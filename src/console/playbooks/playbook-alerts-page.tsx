import { Hono } from 'hono';
import { type Claim, claimOf } from '../../engine/reports/alert-query.js';
import { searchAlerts } from '../../engine/reports/search-alerts.js';
import type { Episode } from '../../ledger/episode.js';
import { fateOfAlert } from '../alert/disposition.js';
import { Badge } from '../components/badge.js';
import { nameOfAlert } from '../components/labels.js';
import { Looked } from '../components/looked.js';
import { PageHead } from '../components/page-head.js';
import { Empty, Older, Section } from '../components/section.js';
import { Table } from '../components/table.js';
import { Ago } from '../components/time.js';
import type { ConsoleParts } from '../parts.js';
import { showMissing, showPage } from '../show.js';
import type { ConsoleEnv } from '../visit.js';

/** `/playbooks/:name/alerts`: which alerts that are kept it would match as it is now. */
export function createPlaybookAlertsPage(
  parts: Pick<ConsoleParts, 'ledger' | 'active' | 'clock' | 'workerAsg'>,
): Hono<ConsoleEnv> {
  const { ledger, active, clock, workerAsg } = parts;
  const page = new Hono<ConsoleEnv>();

  page.get('/playbooks/:name/alerts', async (c) => {
    const { library } = active();
    const playbook = library.named(c.req.param('name'));
    if (playbook === undefined) return showMissing(c, 'playbook');
    const claims = new Map<string, Claim>();
    const before = c.req.query('before');
    const found = await searchAlerts(ledger, { before }, (episode) => {
      const claim = claimOf({ library, playbook }, episode, workerAsg);
      if (claim !== null) claims.set(episode.id, claim);
      return claim !== null;
    });
    const nowMs = clock.now();
    const path = `/playbooks/${encodeURIComponent(playbook.name)}`;
    return showPage(
      c,
      { title: `Alerts for ${playbook.name}`, live: false },
      <>
        <PageHead
          title={
            <>
              Alerts that <a href={path}>{playbook.name}</a> matches
            </>
          }
        />
        <Section id="alerts" title="Alert history">
          <Looked found={found} nowMs={nowMs} />
          {found.items.length === 0 ? (
            <Empty>It matches none of these.</Empty>
          ) : (
            <Table
              caption="Alerts, the newest first"
              columns={['Alert', 'Started', 'This playbook', 'Status']}
              rows={found.items.map((episode) => [
                <a href={`/alerts/${episode.id}`}>{nameOfAlert(episode.labels)}</a>,
                <Ago ms={episode.openedAtMs} nowMs={nowMs} />,
                <ClaimWords claim={claims.get(episode.id)} />,
                <FateWords episode={episode} />,
              ])}
            />
          )}
          <Older next={found.next} path={`${path}/alerts`} word="Look further back" />
        </Section>
        <p class="soft">
          Compared are its matchers and conditions as they are now, not its guards or targets.{' '}
          <code>jidoka backtest</code> replays received alerts through the whole engine.
        </p>
      </>,
    );
  });

  return page;
}

function FateWords({ episode }: { readonly episode: Episode }) {
  const { tone, word, why } = fateOfAlert(episode);
  return (
    <>
      <Badge tone={tone}>{word}</Badge> <span class="soft">{why}</span>
    </>
  );
}

function ClaimWords({ claim }: { readonly claim: Claim | undefined }) {
  if (claim?.kind !== 'after') return <Badge tone="good">Matches</Badge>;
  return (
    <>
      <Badge tone="warn">Too late</Badge> <span class="soft">{claim.playbook} comes first</span>
    </>
  );
}
