import type { FoundAlerts } from '../../engine/search-alerts.js';
import { type Reason, reasons } from '../../ledger/reason.js';
import { Badge } from '../components/badge.js';
import { Field, Select } from '../components/form.js';
import { nameOfAlert } from '../components/labels.js';
import { Looked } from '../components/looked.js';
import { SearchForm } from '../components/search-form.js';
import { Empty, Older, Section } from '../components/section.js';
import { Table } from '../components/table.js';
import { Ago } from '../components/time.js';
import { fateOf, fates } from '../fate-words.js';
import type { HistoryQuery } from './history-query.js';

/** Asks for alerts that were, and shows those that were found. */
export function SearchSection(props: {
  readonly query: HistoryQuery;
  /** The query as it stands in the address, without where to go on. */
  readonly path: string;
  readonly found: FoundAlerts;
  readonly nowMs: number;
}) {
  const { query, path, found, nowMs } = props;
  return (
    <Section id="search" title="Alerts that were">
      <SearchForm action="/history">
        <div class="fields">
          <Field
            id="q"
            type="search"
            label="Words in labels, or name=value"
            value={query.q}
            maxlength={500}
          />
          <Field id="playbook" label="Playbook" value={query.playbook} maxlength={255} />
          <Select id="fate" label="What became of it" value={query.fate} options={fateOptions} />
          <Select id="reason" label="Why" value={query.reason} options={reasonOptions} />
          <Field id="since" type="date" label="Began since (UTC)" value={query.since} />
          <Field id="until" type="date" label="Began until (UTC)" value={query.until} />
        </div>
      </SearchForm>
      <Looked found={found} nowMs={nowMs} />
      {found.items.length === 0 ? (
        <Empty>None of them is what was asked for.</Empty>
      ) : (
        <Table
          caption="Alerts, the newest first"
          columns={['Alert', 'Began', 'Stands', 'What became of it']}
          rows={found.items.map((episode) => [
            <a href={`/alerts/${episode.id}`}>{nameOfAlert(episode.labels)}</a>,
            <Ago ms={episode.openedAtMs} nowMs={nowMs} />,
            episode.closedAtMs === null ? (
              <Badge tone="warn">fires</Badge>
            ) : (
              <>
                over <Ago ms={episode.closedAtMs} nowMs={nowMs} />
              </>
            ),
            fateOf(episode),
          ])}
        />
      )}
      <Older next={found.next} path={path} word="Search further back" />
    </Section>
  );
}

const any = { value: '', text: 'any' };
const fateOptions = [any, ...Object.entries(fates).map(([value, text]) => ({ value, text }))];
const reasonOptions = [
  any,
  ...(Object.keys(reasons) as Reason[]).map((reason) => ({ value: reason, text: reason })),
];
