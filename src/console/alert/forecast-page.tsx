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
      { title: `Simulate ${nameOfAlert(episode.labels)}`, live: false },
      <>
        <h1>Simulation</h1>
        <p>
          <a href={`/alerts/${episode.id}`}>{nameOfAlert(episode.labels)}</a>, with its targets and
          guards as they are now. The simulation changes nothing.
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
    <Section id="forecasts" title="Simulated now">
      {own !== null && (
        <p class="notice">
          Jidoka: {reasons[own.reason]}
          {own.detail !== '' && `: ${own.detail}`}
        </p>
      )}
      {forecasts.length === 0 && <Empty>Jidoka would do nothing.</Empty>}
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
  run: { tone: 'good', word: 'Would start a run' },
  ask: { tone: 'warn', word: 'Would ask for approval' },
  join: { tone: 'busy', word: 'Would join a run' },
  held: { tone: 'warn', word: 'Would be deferred' },
  escalated: { tone: 'warn', word: 'Would escalate' },
  ignored: { tone: 'calm', word: 'Would ignore' },
  decided: { tone: 'calm', word: 'Already decided' },
  unknown: { tone: 'calm', word: 'Unknown' },
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
          Deferred by: {one.detail}
          {one.liftsAtMs !== null && one.liftsAtMs > nowMs && (
            <>
              , lifts <Until ms={one.liftsAtMs} nowMs={nowMs} />
            </>
          )}
        </p>
      ))}
      {runId !== null && <a href={`/runs/${runId}`}>Run</a>}
    </>
  );
}
