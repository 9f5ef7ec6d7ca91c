import type { FoundAlerts } from '../../engine/reports/search-alerts.js';
import { type Reason, reasons } from '../../ledger/reason.js';
import { AlertTable } from '../alert/alert-table.js';
import { fates } from '../alert/disposition.js';
import { Field, Select } from '../components/form.js';
import { Looked } from '../components/looked.js';
import { SearchForm } from '../components/search-form.js';
import { Empty, Older, Section } from '../components/section.js';
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
    <Section id="search" title="Alert history">
      <SearchForm action="/history">
        <div class="fields">
          <Field id="q" type="search" label="Words or name=value" value={query.q} maxlength={500} />
          <Field id="playbook" label="Playbook" value={query.playbook} maxlength={255} />
          <Select id="fate" label="Status" value={query.fate} options={fateOptions} />
          <Select id="reason" label="Reason" value={query.reason} options={reasonOptions} />
          <Field id="since" type="date" label="From (UTC)" value={query.since} />
          <Field id="until" type="date" label="To (UTC)" value={query.until} />
        </div>
      </SearchForm>
      <Looked found={found} nowMs={nowMs} />
      {found.items.length === 0 ? (
        <Empty>No alert matches.</Empty>
      ) : (
        <AlertTable
          caption="Alerts that were found, the newest first"
          episodes={found.items}
          nowMs={nowMs}
        />
      )}
      <Older next={found.next} path={path} word="Search older alerts" />
    </Section>
  );
}

const any = { value: '', text: 'any' };
const fateOptions = [
  any,
  ...Object.entries(fates).map(([value, { word }]) => ({ value, text: word })),
];
const reasonOptions = [
  any,
  ...(Object.keys(reasons) as Reason[]).map((reason) => ({ value: reason, text: reason })),
];
