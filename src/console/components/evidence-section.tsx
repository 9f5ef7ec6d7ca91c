import { describePrecedent, describeTasks } from '../../evidence/words.js';
import { type Evidence, isThere } from '../../ledger/evidence.js';
import { nameOfAlert } from './labels.js';
import { MetricPlot } from './metric-plot.js';
import { Section } from './section.js';
import { Ago } from './time.js';

/** What was found about an escalation or a run; `null`: nothing yet. */
export function EvidenceSection(props: {
  readonly evidence: Evidence | null;
  readonly nowMs: number;
}) {
  const { evidence, nowMs } = props;
  return (
    <Section id="evidence" title="Evidence">
      {evidence === null ? (
        <p class="soft" data-pending>
          Jidoka gathers it. It appears here in a few seconds.
        </p>
      ) : (
        <EvidenceParts evidence={evidence} nowMs={nowMs} />
      )}
    </Section>
  );
}

function EvidenceParts({
  evidence,
  nowMs,
}: {
  readonly evidence: Evidence;
  readonly nowMs: number;
}) {
  const { headline, metric, changes, alertAtMs, gatheredAtMs } = evidence;
  return (
    <>
      {headline !== null && <p class="lead headline">{headline}</p>}
      {isThere(metric) && (
        <MetricPlot
          metric={metric}
          alertAtMs={alertAtMs}
          changes={isThere(changes) ? changes.items : []}
        />
      )}
      <Changes evidence={evidence} nowMs={nowMs} />
      <Tasks evidence={evidence} nowMs={nowMs} />
      <Groups evidence={evidence} nowMs={nowMs} />
      <LastTime evidence={evidence} nowMs={nowMs} />
      <Related evidence={evidence} nowMs={nowMs} />
      <Missing evidence={evidence} />
      <p class="soft">
        Gathered <Ago ms={gatheredAtMs} nowMs={nowMs} />.
      </p>
    </>
  );
}

interface PartProps {
  readonly evidence: Evidence;
  readonly nowMs: number;
}

function Changes({ evidence: { changes }, nowMs }: PartProps) {
  if (!isThere(changes)) return null;
  const { items, note } = changes;
  return (
    <>
      <h3>Changes</h3>
      {items.length === 0 && <p>No change in the two hours before the alert, and none since.</p>}
      {items.length > 0 && (
        <ol class="list timeline">
          {items.map(({ atMs, text, runId }) => (
            <li>
              <Ago ms={atMs} nowMs={nowMs} />{' '}
              {runId === undefined ? text : <a href={`/runs/${runId}`}>{text}</a>}
            </li>
          ))}
        </ol>
      )}
      {note !== undefined && <p class="soft">{note}</p>}
    </>
  );
}

function Tasks({ evidence: { tasks }, nowMs }: PartProps) {
  if (!isThere(tasks)) return null;
  return (
    <>
      <h3>Tasks</h3>
      {tasks.services.map((service) => (
        <>
          <p>
            {service.name}: {describeTasks(service)}
          </p>
          {service.failures.length > 0 && (
            <ul class="list">
              {service.failures.map(({ atMs, state, error, exitCode, node }) => (
                <li>
                  <Ago ms={atMs} nowMs={nowMs} /> {state}
                  {node !== null && ` on ${node}`}
                  {exitCode !== null && `, exit code ${exitCode}`}
                  {error !== '' && `: ${error}`}
                </li>
              ))}
            </ul>
          )}
          {service.logs !== undefined && service.logs.length > 0 && (
            <details>
              <summary>Last log lines of {service.name}</summary>
              <pre>{service.logs.join('\n')}</pre>
            </details>
          )}
        </>
      ))}
    </>
  );
}

function Groups({ evidence: { group }, nowMs }: PartProps) {
  if (!isThere(group)) return null;
  return (
    <>
      {group.groups.map(({ name, activities }) => (
        <>
          <h3>Activities of group {name}</h3>
          {activities.length === 0 && <p>AWS lists none.</p>}
          <ul class="list">
            {activities.map(({ atMs, status, description, message }) => (
              <li>
                <Ago ms={atMs} nowMs={nowMs} /> {status}: {description}
                {message !== '' && ` (${message})`}
              </li>
            ))}
          </ul>
        </>
      ))}
    </>
  );
}

function LastTime({ evidence: { lastTime }, nowMs }: PartProps) {
  if (!isThere(lastTime)) return null;
  return (
    <>
      <h3>Last time</h3>
      <ol class="list">
        {lastTime.precedents.map((precedent) => {
          const { id, kind, atMs } = precedent;
          return (
            <li>
              <Ago ms={atMs} nowMs={nowMs} />{' '}
              <a href={`/${kind === 'run' ? 'runs' : 'escalations'}/${id}`}>
                {describePrecedent(precedent)}
              </a>
            </li>
          );
        })}
      </ol>
    </>
  );
}

function Related({ evidence: { related }, nowMs }: PartProps) {
  if (!isThere(related) || related.total === 0) return null;
  const { alerts, total } = related;
  return (
    <>
      <h3>
        Related alerts<span class="count"> {total}</span>
      </h3>
      <ul class="list">
        {alerts.map(({ id, labels, openedAtMs, shares }) => (
          <li>
            <a href={`/alerts/${encodeURIComponent(id)}`}>{nameOfAlert(labels)}</a>{' '}
            <span class="soft">
              {shares === 'target' ? 'same target' : 'same group'}, since{' '}
              <Ago ms={openedAtMs} nowMs={nowMs} />
            </span>
          </li>
        ))}
      </ul>
      {total > alerts.length && (
        <p>
          <a href="/alerts">{total - alerts.length} more firing alerts</a>
        </p>
      )}
    </>
  );
}

const titles = {
  metric: 'Metric',
  changes: 'Changes',
  tasks: 'Tasks',
  group: 'Group',
  lastTime: 'Last time',
  related: 'Related alerts',
} as const;

/** What is missing, and why. */
function Missing({ evidence }: { readonly evidence: Evidence }) {
  const missing = Object.entries(titles).flatMap(([name, title]) => {
    const part = evidence[name as keyof typeof titles];
    return isThere(part) ? [] : [{ title, why: part.missing }];
  });
  if (missing.length === 0) return null;
  return (
    <dl class="facts soft">
      {missing.map(({ title, why }) => (
        <>
          <dt>{title}</dt>
          <dd>{why}</dd>
        </>
      ))}
    </dl>
  );
}
