import { Hono } from 'hono';
import { isSource } from '../../alertmanager/source.js';
import type { Explanation, Forecast } from '../../engine/explain/explanation.js';
import { describeOperations } from '../../escalation/describe.js';
import type { Episode } from '../../ledger/episode.js';
import { reasons } from '../../ledger/reason.js';
import { Badge } from '../components/badge.js';
import { nameOfAlert } from '../components/labels.js';
import { Empty, Section } from '../components/section.js';
import { Until } from '../components/time.js';
import type { ConsoleParts } from '../parts.js';
import type { PlaybookStatus } from '../run-words.js';
import { showMissing, showPage } from '../show.js';
import type { ConsoleEnv } from '../visit.js';

/**
 * `/alerts/:id/forecast`: what would be done about an alert if it came now, asked of the half that acts:
 * its targets and guards are read, and nothing is changed.
 */
export function createForecastPage({
  ledger,
  explain,
}: Pick<ConsoleParts, 'ledger' | 'explain'>): Hono<ConsoleEnv> {
  const page = new Hono<ConsoleEnv>();

  page.get('/alerts/:id/forecast', async (c) => {
    const episode = await ledger.episodeById(c.req.param('id'));
    if (episode === null) return showMissing(c, 'alert');
    const [explanation] = await explain({ alerts: [alertOf(episode)], all: false });
    return showPage(
      c,
      { title: `If ${nameOfAlert(episode.labels)} came now`, live: false },
      <>
        <h1>If it came now</h1>
        <p>
          <a href={`/alerts/${episode.id}`}>{nameOfAlert(episode.labels)}</a>, with its targets and
          the guards as they are at this moment. Nothing is changed by looking.
        </p>
        {explanation !== undefined && <Forecasts explanation={explanation} />}
      </>,
    );
  });

  return page;
}

function alertOf({ labels, annotations, source, routeLabels, openedAtMs, generatorUrl }: Episode) {
  const rest = { startsAtMs: openedAtMs, endsAtMs: null, generatorUrl, fingerprint: '' };
  const from = { routeLabels, ...(isSource(source) && { source }) };
  return { status: 'firing', labels, annotations, ...from, ...rest } as const;
}

function Forecasts({ explanation }: { readonly explanation: Explanation }) {
  const { own, forecasts, atMs } = explanation;
  return (
    <Section id="forecasts" title="What would be done">
      {own !== null && (
        <p class="notice">
          The engine itself: {reasons[own.reason]}
          {own.detail !== '' && `: ${own.detail}`}
        </p>
      )}
      {forecasts.length === 0 && <Empty>Nothing would be done.</Empty>}
      <ul class="list" hidden={forecasts.length === 0}>
        {forecasts.map((forecast) => (
          <li>
            <ForecastItem forecast={forecast} nowMs={atMs} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

const fates: Readonly<Record<Forecast['fate'], PlaybookStatus>> = {
  run: { tone: 'good', word: 'would begin a run' },
  ask: { tone: 'warn', word: 'would ask a person' },
  join: { tone: 'busy', word: 'would join a run' },
  held: { tone: 'warn', word: 'would be held' },
  escalated: { tone: 'warn', word: 'would go to a person' },
  ignored: { tone: 'calm', word: 'needs nobody' },
  decided: { tone: 'calm', word: 'has had its say' },
  unknown: { tone: 'calm', word: 'not known' },
};

function ForecastItem({
  forecast,
  nowMs,
}: {
  readonly forecast: Forecast;
  readonly nowMs: number;
}) {
  const { playbook, shadow, fate, reason, detail, heldBy, steps, runId } = forecast;
  return (
    <>
      <div class="row">
        <Badge tone={fates[fate].tone}>{fates[fate].word}</Badge>
        <b>{playbook ?? 'No playbook'}</b>
        {shadow && <span class="soft">if it were not in shadow</span>}
      </div>
      <p>
        {reasons[reason]}
        {detail !== '' && `: ${detail}`}
      </p>
      {steps.map(({ action, target, operations, detail: why }) => (
        <p>
          {action}
          {target !== null && operations.length > 0
            ? `: ${describeOperations(operations, target)}`
            : target !== null && ` ${target}`}
          {why !== '' && <span class="soft"> ({why})</span>}
        </p>
      ))}
      {heldBy.map((one) => (
        <p class="notice">
          In the way: {one.detail}
          {one.liftsAtMs !== null && one.liftsAtMs > nowMs && (
            <>
              , lifts <Until ms={one.liftsAtMs} nowMs={nowMs} />
            </>
          )}
        </p>
      ))}
      {runId !== null && <a href={`/runs/${runId}`}>Its run</a>}
    </>
  );
}
