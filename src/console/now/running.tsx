import { Badge } from '../components/badge.js';
import { nameOfAlert } from '../components/labels.js';
import { Empty, More, Section } from '../components/section.js';
import { Table } from '../components/table.js';
import { Ago, Until } from '../components/time.js';
import { CancelButton } from '../run/cancel-button.js';
import { aimOf, originOf, standingOf, whyOf } from '../run-words.js';
import type { Visitor } from '../visit.js';
import type { Now } from './read-now.js';

/** The runs in progress, each with its step and what it waits for. */
export function Running(props: { readonly now: Now; readonly visitor: Visitor }) {
  const { now, visitor } = props;
  const { items, total } = now.running;
  return (
    <Section id="running" title="Runs under way" count={total}>
      {items.length === 0 ? (
        <Empty>No run is under way.</Empty>
      ) : (
        <Table
          caption="Runs under way, the newest first"
          columns={['Run', 'For', 'Changes', 'Step', 'Stands', 'Begun', 'Action']}
          rows={items.map((run) => [
            <a href={`/runs/${run.id}`}>{originOf(run)}</a>,
            <>
              {nameOfAlert(run.labels)}
              {run.joined > 1 && <span class="soft"> and {run.joined - 1} more</span>}
            </>,
            aimOf(run),
            `${run.step + 1} of ${run.steps.length}: ${run.steps[run.step]?.action ?? ''}`,
            <Stands run={run} nowMs={now.nowMs} />,
            <Ago ms={run.createdAtMs} nowMs={now.nowMs} />,
            <CancelButton run={run} visitor={visitor} />,
          ])}
        />
      )}
      <More shown={items.length} total={total} path="/runs?state=open" />
    </Section>
  );
}

function Stands(props: { readonly run: Now['running']['items'][number]; readonly nowMs: number }) {
  const { run, nowMs } = props;
  const { tone, word } = standingOf(run);
  const why = whyOf(run);
  const untilMs = run.deadlineMs ?? run.dueAtMs;
  return (
    <>
      <Badge tone={tone}>{word}</Badge>{' '}
      {untilMs !== null && untilMs > nowMs && (
        <span class="soft">
          {run.deadlineMs === null ? 'looks again ' : 'over '}
          <Until ms={untilMs} nowMs={nowMs} />
        </span>
      )}
      {why !== null && <div class="soft">{why}</div>}
    </>
  );
}
