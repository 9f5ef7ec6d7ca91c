import { Hono } from 'hono';
import type { Disposition, Episode } from '../../ledger/episode.js';
import { reasons } from '../../ledger/reason.js';
import { Badge } from '../components/badge.js';
import { LabelList, nameOfAlert } from '../components/labels.js';
import { OutsideLink } from '../components/outside-link.js';
import { PageHead } from '../components/page-head.js';
import { Empty, Section } from '../components/section.js';
import { Ago, At, Until } from '../components/time.js';
import { Clauses, compareWith } from '../decision/clauses.js';
import type { ConsoleParts } from '../parts.js';
import { showMissing, showPage } from '../show.js';
import type { ConsoleEnv } from '../visit.js';
import { fateOf } from './disposition.js';

/** `/alerts/:id`: one alert, its decisions, and why the playbooks took it or did not. */
export function createAlertPage(
  parts: Pick<ConsoleParts, 'ledger' | 'active' | 'workerAsg' | 'clock'>,
): Hono<ConsoleEnv> {
  const { ledger, clock } = parts;
  const library = () => parts.active().library;
  const page = new Hono<ConsoleEnv>();

  page.get('/alerts/:id', async (c) => {
    const episode = await ledger.episodeById(c.req.param('id'));
    if (episode === null) return showMissing(c, 'alert');
    const nowMs = clock.now();
    const { state, labels, verdicts, manual } = episode;
    const playbook = library().named(manual?.playbook ?? '')?.name;
    const title = nameOfAlert(labels);
    return showPage(
      c,
      { title },
      <>
        <PageHead
          title={title}
          actions={<a href={`/alerts/${episode.id}/forecast`}>Simulate this alert now</a>}
        >
          <Badge tone={state === 'open' ? 'bad' : 'good'}>
            {state === 'open' ? 'Firing' : 'Resolved'}
          </Badge>
        </PageHead>
        <div class="columns">
          <Section id="alert" title="Alert">
            <Facts episode={episode} nowMs={nowMs} />
          </Section>
          <Section id="verdicts" title="Decisions">
            {verdicts.length === 0 && <Empty>Jidoka has not decided yet.</Empty>}
            <ul class="list">
              {verdicts.map((disposition) => (
                <li>
                  <VerdictItem verdict={disposition} nowMs={nowMs} />
                </li>
              ))}
            </ul>
          </Section>
        </div>
        <Section id="clauses" title="Playbook matching">
          <p class="soft">Compared with the playbooks as they are now.</p>
          <Clauses playbooks={compareWith(parts, episode, nowMs, playbook)} />
        </Section>
      </>,
    );
  });

  return page;
}

function Facts({ episode, nowMs }: { readonly episode: Episode; readonly nowMs: number }) {
  const { labels, annotations, openedAtMs, lastSeenAtMs, closedAtMs, deliveries, source } = episode;
  const { generatorUrl, externalUrl, manual } = episode;
  return (
    <>
      <LabelList labels={labels} />
      <dl class="facts">
        {Object.entries(annotations).map(([name, value]) => (
          <>
            <dt>{name}</dt>
            <dd class="lines">
              <OutsideLink url={value}>{value}</OutsideLink>
            </dd>
          </>
        ))}
        {manual !== undefined && (
          <>
            <dt>Run by</dt>
            <dd>
              {manual.by}: {manual.why}
            </dd>
          </>
        )}
        <dt>Firing since</dt>
        <dd>
          <At ms={openedAtMs} /> (<Ago ms={openedAtMs} nowMs={nowMs} />)
        </dd>
        {closedAtMs !== null && (
          <>
            <dt>Resolved</dt>
            <dd>
              <At ms={closedAtMs} /> (<Ago ms={closedAtMs} nowMs={nowMs} />)
            </dd>
          </>
        )}
        <dt>Notifications</dt>
        <dd>
          {deliveries}, latest <Ago ms={lastSeenAtMs} nowMs={nowMs} />, from {source}
        </dd>
      </dl>
      <div class="row">
        {generatorUrl !== '' && <OutsideLink url={generatorUrl}>Expression</OutsideLink>}
        {externalUrl !== '' && <OutsideLink url={externalUrl}>Alertmanager</OutsideLink>}
      </div>
    </>
  );
}

function VerdictItem({
  verdict,
  nowMs,
}: {
  readonly verdict: Disposition;
  readonly nowMs: number;
}) {
  const { playbook, reason, detail, atMs, runId, escalationId, untilMs } = verdict;
  const { tone, word } = fateOf(verdict);
  return (
    <>
      <div class="row">
        <Badge tone={tone}>{word}</Badge>
        <b>{playbook ?? 'No playbook'}</b>
        <span class="soft">
          <Ago ms={atMs} nowMs={nowMs} />
          {untilMs !== undefined && untilMs > nowMs && (
            <>
              , retry <Until ms={untilMs} nowMs={nowMs} />
            </>
          )}
        </span>
      </div>
      <p>
        {reasons[reason]}
        {detail !== '' && `: ${detail}`}
      </p>
      {(runId !== undefined || escalationId !== undefined) && (
        <div class="row">
          {runId !== undefined && <a href={`/runs/${runId}`}>Run</a>}
          {escalationId !== undefined && <a href={`/escalations/${escalationId}`}>Escalation</a>}
        </div>
      )}
    </>
  );
}
