import { Badge } from '../components/badge.js';
import { Empty, More, Section } from '../components/section.js';
import { Ago, Until } from '../components/time.js';
import { ChoiceButtons } from '../escalation/choice-buttons.js';
import { mayChange, type Visitor } from '../visit.js';
import type { Now } from './read-now.js';

/** What waits for a person, with the same buttons as in Slack. */
export function Waiting({ now, visitor }: { readonly now: Now; readonly visitor: Visitor }) {
  const { items, total } = now.waiting;
  return (
    <Section id="waiting" title="Waits for a person" count={total} urgent={total > 0}>
      {items.length === 0 && <Empty>Nothing waits for a person.</Empty>}
      <ul class="list" hidden={items.length === 0}>
        {items.map((escalation) => (
          <li>
            <WaitingItem escalation={escalation} nowMs={now.nowMs} visitor={visitor} />
          </li>
        ))}
      </ul>
      <More shown={items.length} total={total} />
    </Section>
  );
}

function WaitingItem(props: {
  readonly escalation: Now['waiting']['items'][number];
  readonly nowMs: number;
  readonly visitor: Visitor;
}) {
  const { escalation, nowMs, visitor } = props;
  const { id, kind, title, createdAtMs, expiresAtMs, joined, detail, annotations } = escalation;
  const summary = annotations.summary ?? annotations.description;
  return (
    <>
      <div class="row">
        <Badge tone={kind === 'report' ? 'bad' : kind === 'lesson' ? 'calm' : 'warn'}>
          {kindWords[kind]}
        </Badge>
        <h3>
          <a href={`/escalations/${id}`}>{title}</a>
        </h3>
        <span class="soft">
          <Ago ms={createdAtMs} nowMs={nowMs} />
          {joined > 1 && `, ${joined} alerts`}
          {expiresAtMs !== null && (
            <>
              , closes <Until ms={expiresAtMs} nowMs={nowMs} />
            </>
          )}
        </span>
      </div>
      {summary && <p class="brief">{summary}</p>}
      {detail !== '' && <p class="brief soft">{detail}</p>}
      {mayChange(visitor) && <ChoiceButtons escalation={escalation} visitor={visitor} />}
    </>
  );
}

const kindWords = {
  unmatched: 'Unknown alert',
  approval: 'Approval wanted',
  report: 'Report',
  lesson: 'Make this a playbook?',
} as const;
