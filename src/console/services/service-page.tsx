import { Hono } from 'hono';
import type { ProvenAlert, ProvenService } from '../../engine/proof/service-list.js';
import { Badge } from '../components/badge.js';
import { LabelList } from '../components/labels.js';
import { PageHead } from '../components/page-head.js';
import { Empty, Section } from '../components/section.js';
import type { ConsoleParts } from '../parts.js';
import { showMissing, showPage } from '../show.js';
import type { ConsoleEnv } from '../visit.js';
import { Chain } from './chain.js';
import { boundsOf, modeOf, scrapeOf, statusOf } from './service-words.js';
import { Unseen } from './services-page.js';

/** `/services/:name`: what a service says about itself, and the chain of each of its alerts. */
export function createServicePage({ services }: Pick<ConsoleParts, 'services'>): Hono<ConsoleEnv> {
  const page = new Hono<ConsoleEnv>();

  page.get('/services/:name', async (c) => {
    const service = await services.one(c.req.param('name'));
    if (service === undefined) return showMissing(c, 'service that describes itself');
    const title = service?.name ?? c.req.param('name');
    return showPage(
      c,
      { title, live: false },
      <>
        <PageHead title={title} actions={<a href="/services">All services</a>} />
        {service === null ? <Unseen /> : <Service service={service} />}
      </>,
    );
  });

  return page;
}

function Service({ service }: { readonly service: ProvenService }) {
  const { alerts, faults, automation, replicas } = service;
  const wrong = [...faults.map(({ detail }) => detail), ...automation.faults];
  return (
    <>
      <Section id="says" title="Labels">
        <dl class="facts">
          <dt>Scrape</dt>
          <dd>{scrapeOf(service)}</dd>
          <dt>Replicas</dt>
          <dd>{replicas ?? 'global, or a job'}</dd>
          <dt>Bounds</dt>
          <dd>{boundsOf(service)}</dd>
          <dt>Mode</dt>
          <dd>{modeOf(service)}</dd>
          <dt>Owner</dt>
          <dd>{automation.owner ?? 'none'}</dd>
        </dl>
        {wrong.map((detail) => (
          <p class="notice">{detail}</p>
        ))}
      </Section>
      <Section id="alerts" title="Alerts" count={alerts.length}>
        {alerts.length === 0 ? (
          <Empty>Its labels define no valid alert.</Empty>
        ) : (
          <ul class="list">
            {alerts.map((alert) => (
              <li>
                <AlertItem alert={alert} />
              </li>
            ))}
          </ul>
        )}
      </Section>
    </>
  );
}

function AlertItem({ alert }: { readonly alert: ProvenAlert }) {
  const { alert: name, expr, for: lasting, labels, tried, links } = alert;
  const { tone, word } = statusOf(alert);
  return (
    <>
      <div class="row">
        <h3>{name}</h3>
        <Badge tone={tone}>{word}</Badge>
      </div>
      <p>
        <code>{expr}</code>
        {lasting !== undefined && <span class="soft"> for {lasting}</span>}
      </p>
      <LabelList labels={labels} />
      <Chain links={links} />
      <p class="soft">
        {tried === 'series'
          ? 'Tried with the alerts that the rule has now.'
          : 'Tried with the labels of the rule: it has no alert now.'}
      </p>
    </>
  );
}
