import type { Labels } from '../../alertmanager/alert.js';
import type { Episode } from '../../ledger/episode.js';
import type { Escalation } from '../../ledger/escalation.js';
import type { Membership } from '../../ledger/pages.js';
import { LabelList, nameOfAlert } from '../components/labels.js';
import { Empty, Section } from '../components/section.js';
import { Table } from '../components/table.js';
import { Age } from '../components/time.js';

/** How many alerts of an escalation one page shows. */
export const alertsPageSize = 100;

/** A page of the alerts of an escalation that still fire. */
export interface FiringAlerts {
  readonly items: readonly Episode[];
  readonly total: number;
  readonly page: number;
}

/** More columns than this are no table that people read; the page of each alert has all labels. */
const maxColumns = 6;

/** All firing alerts of an escalation: what they share above, what differs between them in columns. */
export function AlertsSection(props: {
  readonly escalation: Escalation & Membership;
  readonly alerts: FiringAlerts;
  readonly nowMs: number;
}) {
  const { escalation, alerts, nowMs } = props;
  const { items, total, page } = alerts;
  const { shared, differing } = compareLabels(items.map(({ labels }) => labels));
  const columns = differing.slice(0, maxColumns);
  const resolved = Math.max(0, escalation.joined - total);
  const count = `${total} firing${resolved === 0 ? '' : `, ${resolved} resolved`}`;
  return (
    <Section id="alerts" title="Alerts" count={count}>
      <LabelList labels={items.length === 0 ? escalation.labels : shared} />
      {items.length === 0 ? (
        <Empty>None of its alerts fires any more.</Empty>
      ) : (
        <Table
          caption="Firing alerts, with the labels that differ"
          columns={columns.length === 0 ? ['Alert', ...common] : [...columns, ...common]}
          rows={items.map((episode) => {
            const link = `/alerts/${episode.id}`;
            const cells = columns.map((name) => episode.labels[name] ?? '–');
            const [first = nameOfAlert(episode.labels), ...others] = cells;
            return [
              <a href={link}>{first}</a>,
              ...others,
              episode.annotations.summary ?? episode.annotations.description ?? '',
              <Age ms={episode.openedAtMs} nowMs={nowMs} />,
            ];
          })}
        />
      )}
      <Pages id={escalation.id} total={total} page={page} />
      {resolved > 0 && (
        <p>
          <a href={`/history?${searchFor(escalation.labels)}`}>Alert history of the same name</a>
        </p>
      )}
    </Section>
  );
}

const common = ['Summary', 'Since'];

/** What labels have in common, and the names of those that differ, in alphabetical order. Pure. */
export function compareLabels(all: readonly Labels[]): {
  readonly shared: Labels;
  readonly differing: readonly string[];
} {
  const [first = {}, ...others] = all;
  const names = [...new Set(all.flatMap((labels) => Object.keys(labels)))].sort();
  const isShared = (name: string) =>
    Object.hasOwn(first, name) && others.every((labels) => labels[name] === first[name]);
  return {
    shared: Object.fromEntries(names.filter(isShared).map((name) => [name, first[name] ?? ''])),
    differing: names.filter((name) => !isShared(name)),
  };
}

function Pages(props: { readonly id: string; readonly total: number; readonly page: number }) {
  const { id, total, page } = props;
  const last = Math.max(1, Math.ceil(total / alertsPageSize));
  if (last === 1 && page === 1) return null;
  const path = (number: number) => `/escalations/${id}?alerts=${number}#alerts`;
  return (
    <nav class="pages" aria-label="Pages of alerts">
      {page > 1 && (
        <a class="button" rel="prev" href={path(page - 1)}>
          Previous
        </a>
      )}
      <span class="soft">
        Page {page} of {last}
      </span>
      {page < last && (
        <a class="button" rel="next" href={path(page + 1)}>
          Next
        </a>
      )}
    </nav>
  );
}

function searchFor(labels: Labels): URLSearchParams {
  const { alertname = '' } = labels;
  return new URLSearchParams({ q: alertname === '' ? '' : `alertname=${alertname}` });
}
