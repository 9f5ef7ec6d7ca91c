import type { Run } from '../../ledger/run.js';
import { Badge } from '../components/badge.js';
import { Empty, More, Section } from '../components/section.js';
import { Until } from '../components/time.js';
import { CancelButton } from '../run/cancel-button.js';
import { aimOf, originOf, standingOf, whyOf } from '../run-words.js';
import type { Visitor } from '../visit.js';
import type { Overview } from './read-overview.js';

const maxShown = 8;

/** The active runs, each with its step, its state and when that ends. */
export function ActiveRuns(props: { readonly now: Overview; readonly visitor: Visitor }) {
  const { now, visitor } = props;
  const { items, total } = now.runs;
  return (
    <Section id="active-runs" title="Active runs" count={total}>
      {items.length === 0 && <Empty>None.</Empty>}
      <ul class="list compact" hidden={items.length === 0}>
        {items.slice(0, maxShown).map((run) => (
          <li>
            <RunItem run={run} nowMs={now.nowMs} visitor={visitor} />
          </li>
        ))}
      </ul>
      <More shown={Math.min(items.length, maxShown)} total={total} path="/runs?state=open" />
    </Section>
  );
}

function RunItem(props: { readonly run: Run; readonly nowMs: number; readonly visitor: Visitor }) {
  const { run, nowMs, visitor } = props;
  const { tone, word } = standingOf(run);
  const why = whyOf(run);
  const untilMs = run.deadlineMs ?? run.dueAtMs;
  return (
    <>
      <div class="row">
        <a class="cut" href={`/runs/${run.id}`}>
          {originOf(run)}
        </a>
        <span class="soft cut">{aimOf(run)}</span>
      </div>
      <div class="row soft">
        <Badge tone={tone}>{word}</Badge>
        {run.steps.length > 1 && `step ${run.step + 1} of ${run.steps.length}`}
        {untilMs !== null && untilMs > nowMs && (
          <span>
            {run.deadlineMs === null ? 'next look ' : 'ends '}
            <Until ms={untilMs} nowMs={nowMs} />
          </span>
        )}
        <CancelButton run={run} visitor={visitor} />
      </div>
      {why !== null && <div class="soft">{why}</div>}
    </>
  );
}
