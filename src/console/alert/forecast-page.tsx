import { Hono } from 'hono';
import { isSource } from '../../alertmanager/source.js';
import type { Explanation } from '../../engine/explain/explanation.js';
import type { Episode } from '../../ledger/episode.js';
import { reasons } from '../../ledger/reason.js';
import { nameOfAlert } from '../components/labels.js';
import { Empty, Section } from '../components/section.js';
import { ForecastItem } from '../decision/forecast-item.js';
import type { ConsoleParts } from '../parts.js';
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
    const playbook = episode.manual?.playbook;
    const [explanation] = await explain({ alerts: [alertOf(episode)], playbook, all: false });
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
