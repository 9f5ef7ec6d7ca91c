import type { Child } from 'hono/jsx';
import type { Choice, Escalation } from '../../ledger/escalation.js';
import type { SeverityPolicy } from '../../playbook/policy.js';
import { Badge } from '../components/badge.js';
import { OutsideLink } from '../components/outside-link.js';
import { Section } from '../components/section.js';
import { SeverityMark } from '../components/severity-mark.js';
import { Age, Until } from '../components/time.js';
import { ChoiceButton } from '../escalation/choice-button.js';
import { arrange } from '../escalation/choices.js';
import { mayChange, type Visitor } from '../visit.js';
import { grouped, type Item, type ItemGroup } from './item.js';
import { type OverviewQuery, overviewPath } from './overview-query.js';

/** How many items a page of the overview shows. */
const pageSize = 50;

interface AttentionProps {
  /** All that the filters let through, in order. */
  readonly items: readonly Item[];
  readonly query: OverviewQuery;
  readonly severity: SeverityPolicy;
  /** What changed before an item, by its id, where that stands out. */
  readonly headlines: ReadonlyMap<string, string>;
  readonly visitor: Visitor;
  readonly nowMs: number;
}

/** The items on the page that the query asks for. */
export function onPage(items: readonly Item[], { page }: OverviewQuery): readonly Item[] {
  return items.slice((page - 1) * pageSize, page * pageSize);
}

/** What needs attention, an item a row, the most severe first. */
export function NeedsAttention(props: AttentionProps & { readonly children?: Child }) {
  const { items, query, children } = props;
  const shown = onPage(items, query);
  const groups =
    query.group === 'none'
      ? shown.map((item) => ({ key: item.id, title: null, items: [item] }))
      : grouped(shown);
  return (
    <Section id="attention" title="Needs attention" count={items.length} flush>
      {children}
      {shown.length > 0 && (
        <ul class="items">
          {groups.map((group) => (
            <GroupRows {...props} group={group} />
          ))}
        </ul>
      )}
      <Pages query={query} total={items.length} />
    </Section>
  );
}

function GroupRows(props: AttentionProps & { readonly group: ItemGroup }) {
  const { group, visitor } = props;
  return (
    <>
      {group.title !== null && (
        <li class="item-group">
          {mayChange(visitor) && (
            <label class="pick">
              <input type="checkbox" data-select={group.key} hidden />
            </label>
          )}
          <span>
            Group {group.title} <b>{group.items.length}</b>
          </span>
        </li>
      )}
      {group.items.map((item) => (
        <ItemRow {...props} item={item} />
      ))}
    </>
  );
}

function ItemRow(props: AttentionProps & { readonly item: Item; readonly group: ItemGroup }) {
  const { item, group, severity, headlines, visitor, nowMs } = props;
  const { id, href, title, word, tone, summary, atMs, expiresAtMs, escalation } = item;
  const headline = headlines.get(id);
  // of a plan that waits for approval, the plan comes first
  const isApproval = escalation?.kind === 'approval';
  const mayPick = mayChange(visitor) && canAcknowledge(escalation);
  return (
    <li class="item">
      <SeverityMark severity={item.severity} order={severity.order} broken={item.band === 0} />
      <span class="pick">
        {mayPick && (
          <input
            type="checkbox"
            form="acknowledge"
            id={`pick-${id}`}
            name={`pick-${id}`}
            data-group={group.title === null ? undefined : group.key}
            aria-label={`Select ${title}`}
          />
        )}
      </span>
      <a class="item-title" href={href} title={title}>
        {title}
      </a>
      <span
        class={headline !== undefined || word !== '' ? 'item-text full' : 'item-text'}
        title={headline === undefined ? summary : `${headline}. ${summary}`}
      >
        {word !== '' && (
          <>
            <Badge tone={tone}>{word}</Badge>{' '}
          </>
        )}
        {isApproval ? (
          <>
            {summary}
            {expiresAtMs !== null && (
              <span class="soft">
                {' '}
                · expires <Until ms={expiresAtMs} nowMs={nowMs} />
              </span>
            )}
            {headline !== undefined && <span class="soft"> · {headline}</span>}
          </>
        ) : (
          <>
            {headline !== undefined && <span class="soft">{headline} · </span>}
            {summary}
          </>
        )}
      </span>
      <span class="item-age">
        <Age ms={atMs} nowMs={nowMs} />
      </span>
      <span class="item-actions">
        {escalation === null ? (
          <a class="button" href={href}>
            Open run
          </a>
        ) : (
          <ItemActions escalation={escalation} visitor={visitor} />
        )}
      </span>
    </li>
  );
}

/** What can be done about an escalation from its row: first to acknowledge it, or to decide on its plan. */
function ItemActions(props: { readonly escalation: Escalation; readonly visitor: Visitor }) {
  const { escalation, visitor } = props;
  const { id, choices, links } = escalation;
  const change = mayChange(visitor);
  if (change && choices === null) return <span class="soft">Suggestions pending…</span>;
  const { acknowledge, decisions, suggestions, others } = arrange(change ? (choices ?? []) : []);
  const all = [...(acknowledge === undefined ? [] : [acknowledge]), ...decisions, ...suggestions];
  const shown = all.slice(0, shownChoices);
  const more = [...all.slice(shownChoices), ...others];
  return (
    <>
      {shown.map((choice) => (
        <ChoiceButton escalationId={id} choice={choice} short />
      ))}
      {(more.length > 0 || links.length > 0) && (
        <details class="menu" id={`more-${id}`} name="more">
          <summary class="button menu-button" aria-label={`More for ${escalation.title}`}>
            More
          </summary>
          <MenuItems escalationId={id} choices={more} links={links} />
        </details>
      )}
    </>
  );
}

/** How many choices stand on a row beside its menu. */
const shownChoices = 2;

function MenuItems(props: {
  readonly escalationId: string;
  readonly choices: readonly Choice[];
  readonly links: Escalation['links'];
}) {
  const { escalationId, choices, links } = props;
  return (
    <ul class="menu-items">
      {links.map(({ text, url }) => (
        <li>
          <OutsideLink url={url}>{text}</OutsideLink>
        </li>
      ))}
      {choices.map((choice) => (
        <li>
          <ChoiceButton escalationId={escalationId} choice={choice} />
        </li>
      ))}
    </ul>
  );
}

function canAcknowledge(escalation: Escalation | null): boolean {
  return escalation?.choices?.some(({ does }) => does.kind === 'acknowledge') ?? false;
}

function Pages({ query, total }: { readonly query: OverviewQuery; readonly total: number }) {
  const last = Math.ceil(total / pageSize);
  if (last <= 1 && query.page === 1) return null;
  const { page } = query;
  return (
    <nav class="pages" aria-label="Pages">
      {page > 1 && (
        <a class="button" rel="prev" href={overviewPath(query, { page: page - 1 })}>
          Previous
        </a>
      )}
      <span class="soft">
        Page {page} of {Math.max(last, 1)}
      </span>
      {page < last && (
        <a class="button" rel="next" href={overviewPath(query, { page: page + 1 })}>
          Next
        </a>
      )}
    </nav>
  );
}
