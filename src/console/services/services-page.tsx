import { Hono } from 'hono';
import type { ProvenService, ServicePage } from '../../engine/proof/service-list.js';
import { Badge } from '../components/badge.js';
import { Field } from '../components/form.js';
import { PageHead } from '../components/page-head.js';
import { SearchForm } from '../components/search-form.js';
import { Empty, Older, Section } from '../components/section.js';
import { Table } from '../components/table.js';
import type { ConsoleParts } from '../parts.js';
import { showPage } from '../show.js';
import type { ConsoleEnv } from '../visit.js';
import { boundsOf, modeOf, placeOf, scrapeOf, statusOf } from './service-words.js';

const pageSize = 25;
const maxWords = 200;

/** `/services`: what services say about themselves, and whether each of their alerts reaches a playbook. */
export function createServicesPage({ services }: Pick<ConsoleParts, 'services'>): Hono<ConsoleEnv> {
  const page = new Hono<ConsoleEnv>();

  page.get('/services', async (c) => {
    const words = (c.req.query('q') ?? '').trim().slice(0, maxWords);
    const after = c.req.query('before');
    const found = await services.page({ words, after, limit: pageSize });
    const path = words === '' ? '/services' : `/services?q=${encodeURIComponent(words)}`;
    return showPage(
      c,
      { title: 'Services', live: false },
      <>
        <PageHead title="Services" />
        <SearchForm action="/services">
          <Field
            id="q"
            type="search"
            label="Service, owner, mode or alert"
            value={words}
            maxlength={maxWords}
          />
        </SearchForm>
        {found === null ? <Unseen /> : <Found found={found} words={words} path={path} />}
      </>,
    );
  });

  return page;
}

/** Says that no worker sees the services. */
export function Unseen() {
  return (
    <Section id="services" title="Services">
      <Empty>
        No worker sees the services of the Swarm at present. The page shows them again when a worker
        reads them.
      </Empty>
    </Section>
  );
}

function Found(props: {
  readonly found: ServicePage;
  readonly words: string;
  readonly path: string;
}) {
  const { found, words, path } = props;
  const { items, next, total } = found;
  return (
    <Section
      id="services"
      title={words === '' ? 'Services that describe themselves' : 'Found'}
      count={total}
    >
      {items.length === 0 ? (
        <Empty>
          {words === ''
            ? 'No service has labels about its monitoring or automation.'
            : 'No service matches.'}
        </Empty>
      ) : (
        <Table
          caption="Services, by name"
          columns={['Service', 'Scrape', 'Alerts', 'Bounds', 'Mode', 'Owner']}
          rows={items.map((service) => [
            <a href={placeOf(service.name)}>{service.name}</a>,
            scrapeOf(service),
            <AlertList service={service} />,
            boundsOf(service),
            modeOf(service),
            service.automation.owner ?? '–',
          ])}
        />
      )}
      <Older next={next} path={path} word="Next" />
    </Section>
  );
}

/** Each alert with its chain in a word, and the piece that is missing. */
function AlertList({ service }: { readonly service: ProvenService }) {
  const { alerts, faults, automation } = service;
  const wrong = [...faults, ...automation.faults.map((detail) => ({ detail }))];
  if (alerts.length + wrong.length === 0) return '–';
  return (
    <ul class="list compact">
      {alerts.map((alert) => {
        const { tone, word, missing } = statusOf(alert);
        return (
          <li>
            <div class="row">
              <b>{alert.alert}</b>
              <Badge tone={tone}>{word}</Badge>
            </div>
            {missing !== '' && <span class="soft">{missing}</span>}
          </li>
        );
      })}
      {wrong.map(({ detail }) => (
        <li>
          <div class="row">
            <Badge tone="bad">Invalid label</Badge>
          </div>
          <span class="soft">{detail}</span>
        </li>
      ))}
    </ul>
  );
}
