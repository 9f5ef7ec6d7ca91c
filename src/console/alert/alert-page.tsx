import { Hono } from 'hono';
import type { Disposition, Episode } from '../../ledger/episode.js';
import { reasons } from '../../ledger/reason.js';
import { Badge } from '../components/badge.js';
import { LabelList, nameOfAlert } from '../components/labels.js';
import { OutsideLink } from '../components/outside-link.js';
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
  const page = new Hono<ConsoleEnv>();

  page.get('/alerts/:id', async (c) => {
    const episode = await ledger.episodeById(c.req.param('id'));
    if (episode === null) return showMissing(c, 'alert');
    const nowMs = clock.now();
    const { state, labels, verdicts } = episode;
    const title = nameOfAlert(labels);
    return showPage(
      c,
      { title },
      <>
        <div class="row">
          <h1>{title}</h1>
          <Badge tone={state === 'open' ? 'bad' : 'good'}>
            {state === 'open' ? 'fires' : 'is over'}
          </Badge>
        </div>
        <Section id="alert" title="The alert">
          <Facts episode={episode} nowMs={nowMs} />
        </Section>
        <Section id="verdicts" title="What was made of it">
          {verdicts.length === 0 && <Empty>It is being decided.</Empty>}
          <ul class="list">
            {verdicts.map((disposition) => (
              <li>
                <VerdictItem verdict={disposition} nowMs={nowMs} />
              </li>
            ))}
          </ul>
        </Section>
        <Section id="clauses" title="Held against the playbooks, as they are now">
          <p>
            <a href={`/alerts/${episode.id}/forecast`}>What would be done if it came now?</a>
          </p>
          <Clauses playbooks={compareWith(parts, episode, nowMs)} />
        </Section>
      </>,
    );
  });

  return page;
}

function Facts({ episode, nowMs }: { readonly episode: Episode; readonly nowMs: number }) {
  const { labels, annotations, openedAtMs, lastSeenAtMs, closedAtMs, deliveries, source } = episode;
  const { generatorUrl, externalUrl } = episode;
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
        <dt>Fires since</dt>
        <dd>
          <At ms={openedAtMs} /> (<Ago ms={openedAtMs} nowMs={nowMs} />)
        </dd>
        {closedAtMs !== null && (
          <>
            <dt>Over since</dt>
            <dd>
              <At ms={closedAtMs} /> (<Ago ms={closedAtMs} nowMs={nowMs} />)
            </dd>
          </>
        )}
        <dt>Heard of</dt>
        <dd>
          {deliveries === 1 ? 'once' : `${deliveries} times`}, last{' '}
          <Ago ms={lastSeenAtMs} nowMs={nowMs} />, from {source}
        </dd>
      </dl>
      <div class="row">
        {generatorUrl !== '' && <OutsideLink url={generatorUrl}>Its expression</OutsideLink>}
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
              , decided again <Until ms={untilMs} nowMs={nowMs} />
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
          {runId !== undefined && <a href={`/runs/${runId}`}>The run</a>}
          {escalationId !== undefined && (
            <a href={`/escalations/${escalationId}`}>What a person was told or asked</a>
          )}
        </div>
      )}
    </>
  );
}
