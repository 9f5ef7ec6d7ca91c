import type { PlaybookStatus, TargetStanding } from '../../engine/reports/playbook-status.js';
import type { Allowance } from '../../guard/allowances.js';
import { formatDuration } from '../../lib/time.js';
import { Badge } from '../components/badge.js';
import { Button, Form } from '../components/form.js';
import { Empty, Section } from '../components/section.js';
import { Table } from '../components/table.js';
import { Until } from '../components/time.js';
import { PauseForm, PauseItem } from '../pause/pause-form.js';
import { mayChange, type Visitor } from '../visit.js';
import { isUsedUp } from './playbook-words.js';

/** What may hold a playbook back, what is left of it now, and what a person can do about that. */
export function GuardsSection(props: {
  readonly standing: PlaybookStatus;
  readonly targets: readonly TargetStanding[];
  readonly visitor: Visitor;
  readonly nowMs: number;
}) {
  const { standing, targets, visitor, nowMs } = props;
  const { playbook, pauses, breaker, failures, breakerAt, windows } = standing;
  const { name, guards } = playbook;
  const limits = [...standing.allowances, ...targets.flatMap(({ allowances }) => allowances)];
  const resting = targets.filter(({ restsUntilMs }) => restsUntilMs !== null);
  return (
    <Section id="guards" title="Guards" urgent={pauses.length > 0 || breaker !== null}>
      <ul class="list">
        {pauses.map((pause) => (
          <li>
            <PauseItem pause={pause} nowMs={nowMs} visitor={visitor} />
          </li>
        ))}
        {breaker !== null && (
          <li>
            <div class="row">
              <Badge tone="bad">Breaker open</Badge>
              <span>
                Its last {breaker.failures} runs did not help (
                <a href={`/runs/${breaker.runId}`}>latest</a>). Each run requires approval.
              </span>
            </div>
            {mayChange(visitor) && (
              <Form action={`/breakers/${encodeURIComponent(name)}/reset`} csrf={visitor.csrf}>
                <Button>Reset circuit breaker</Button>
              </Form>
            )}
          </li>
        )}
        {windows.map((detail) => (
          <li>
            <div class="row">
              <Badge tone="warn">Window</Badge>
              <span>{detail}</span>
            </div>
          </li>
        ))}
      </ul>
      <dl class="facts">
        <dt>Cooldown</dt>
        <dd>
          {guards.cooldownMs === 0
            ? 'none'
            : `${formatDuration(guards.cooldownMs)} for each target`}
          {resting.map(({ target, restsUntilMs }) => (
            <>
              ; {target.name} in cooldown, ends <Until ms={restsUntilMs ?? nowMs} nowMs={nowMs} />
            </>
          ))}
        </dd>
        <dt>Own limits</dt>
        <dd>
          {guards.limits.length === 0
            ? 'none'
            : `${guards.limits.map(({ text }) => text).join(', ')} for each target`}
        </dd>
        <dt>Circuit breaker</dt>
        <dd>
          {failures} of {breakerAt} failed runs in a row
        </dd>
      </dl>
      <Limits limits={limits} nowMs={nowMs} />
      {mayChange(visitor) && !pauses.some(({ of }) => of === 'playbook') && (
        <details id="pause">
          <summary>Pause {name}…</summary>
          <PauseForm scope={{ of: 'playbook', name }} visitor={visitor} />
        </details>
      )}
    </Section>
  );
}

/** What is left of each limit; those of which nothing is used stand apart, because there may be many. */
function Limits({
  limits,
  nowMs,
}: {
  readonly limits: readonly Allowance[];
  readonly nowMs: number;
}) {
  if (limits.length === 0) return <Empty>No limits.</Empty>;
  const used = limits.filter((limit) => limit.used > 0);
  const unused = limits.filter((limit) => limit.used === 0);
  return (
    <>
      {used.length > 0 && <LimitTable limits={used} nowMs={nowMs} />}
      {unused.length > 0 && (
        <details id="unused-limits">
          <summary>Unused limits ({unused.length})</summary>
          <LimitTable limits={unused} nowMs={nowMs} />
        </details>
      )}
    </>
  );
}

function LimitTable(props: { readonly limits: readonly Allowance[]; readonly nowMs: number }) {
  return (
    <Table
      caption="What is left of each limit; targets are those that its latest runs worked on"
      columns={['Scope', 'Used', 'Left']}
      rows={props.limits.map((limit) => [
        limit.scope,
        `${limit.used} of ${limit.count} in ${formatDuration(limit.windowMs)}`,
        <Left limit={limit} nowMs={props.nowMs} />,
      ])}
    />
  );
}

function Left({ limit, nowMs }: { readonly limit: Allowance; readonly nowMs: number }) {
  if (!isUsedUp(limit)) return <>{Math.max(0, limit.count - limit.used)}</>;
  return (
    <>
      <Badge tone="warn">none</Badge> <Until ms={limit.freeAtMs ?? nowMs} nowMs={nowMs} />
    </>
  );
}
