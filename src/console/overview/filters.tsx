import type { SeverityPolicy } from '../../playbook/policy.js';
import { csrfField } from '../csrf-field.js';
import { mayChange, type Visitor } from '../visit.js';
import { countBy, type Item } from './item.js';
import { isFiltered, type OverviewQuery, overviewPath } from './overview-query.js';

/** Narrows down what is shown; all of it is in the address, so that a link shows the same to others. */
export function Filters(props: {
  /** All items, before the filters. */
  readonly items: readonly Item[];
  readonly query: OverviewQuery;
  readonly severity: SeverityPolicy;
  readonly visitor: Visitor;
}) {
  const { items, query, severity, visitor } = props;
  return (
    <section id="filters" class="filters" aria-label="Filters">
      <form method="get" action="/" class="filter-form" data-autosubmit>
        <input
          type="search"
          id="q"
          name="q"
          value={query.q}
          maxlength={500}
          placeholder="Words or name=value"
          aria-label="Filter by words or name=value"
        />
        {query.severity !== '' && <input type="hidden" name="severity" value={query.severity} />}
        <button type="submit" class="button">
          Filter
        </button>
        <div class="filter-choices">
          <Choose name="service" all="All services" query={query} items={items} />
          <Choose name="owner" all="All owners" query={query} items={items} />
          <Choose name="playbook" all="All playbooks" query={query} items={items} />
          <select id="group" name="group" aria-label="Group by">
            <option value="">Grouped</option>
            <option value="none" selected={query.group === 'none'}>
              Not grouped
            </option>
          </select>
        </div>
        {isFiltered(query) && <a href={overviewPath({ ...cleared, group: query.group })}>Clear</a>}
      </form>
      <SeverityChips items={items} query={query} severity={severity} />
      {mayChange(visitor) && items.length > 0 && (
        <form id="acknowledge" class="filters-end" method="post" action="/escalations/acknowledge">
          <input type="hidden" name={csrfField} value={visitor.csrf} />
          <button type="submit" id="acknowledge-selected" class="button">
            Acknowledge selected
          </button>
        </form>
      )}
    </section>
  );
}

const cleared: OverviewQuery = {
  q: '',
  service: '',
  owner: '',
  severity: '',
  playbook: '',
  group: '',
  page: 1,
};

function Choose(props: {
  readonly name: 'service' | 'owner' | 'playbook';
  readonly all: string;
  readonly query: OverviewQuery;
  readonly items: readonly Item[];
}) {
  const { name, all, query, items } = props;
  const counts = countBy(items, (item) => item[name]);
  const chosen = query[name];
  // what is asked for stays there although nothing has it any more
  const isKnown = chosen === '' || counts.some(([value]) => value === chosen);
  return (
    <select id={name} name={name} aria-label={`Filter by ${name}`}>
      <option value="">{all}</option>
      {!isKnown && (
        <option value={chosen} selected>
          {chosen} (0)
        </option>
      )}
      {counts.map(([value, count]) => (
        <option value={value} selected={value === chosen}>
          {value} ({count})
        </option>
      ))}
    </select>
  );
}

function SeverityChips(props: {
  readonly items: readonly Item[];
  readonly query: OverviewQuery;
  readonly severity: SeverityPolicy;
}) {
  const { items, query } = props;
  const ranks = new Map(items.map(({ severity }) => [severity.name, severity.rank]));
  const counts = [...countBy(items, ({ severity }) => severity.name)].sort(
    ([one], [other]) => (ranks.get(one) ?? 0) - (ranks.get(other) ?? 0),
  );
  if (counts.length === 0) return null;
  return (
    <ul class="chips" aria-label="Severities">
      {counts.map(([name, count]) => {
        const isOn = query.severity === name;
        return (
          <li>
            <a
              class="chip"
              href={overviewPath(query, { severity: isOn ? '' : name })}
              aria-current={isOn ? 'true' : undefined}
            >
              {name} <b>{count}</b>
            </a>
          </li>
        );
      })}
    </ul>
  );
}
