import { describePrecedent, describeTasks } from '../../evidence/words.js';
import { type Evidence, isThere } from '../../ledger/evidence.js';
import { nameOfAlert } from './labels.js';
import { MetricPlot } from './metric-plot.js';
import { Section } from './section.js';
import { Ago } from './time.js';

/**
 * What a person should see first about an escalation or a run: what changed before the alert, and its metric.
 * `null`: nothing was gathered yet.
 */
export function EvidenceSection({ evidence }: { readonly evidence: Evidence | null }) {
  return (
    <Section id="evidence" title="Evidence">
      {evidence === null ? (
        <p class="soft" data-pending>
          Jidoka gathers it. It appears here in a few seconds.
        </p>
      ) : (
        <First evidence={evidence} />
      )}
    </Section>
  );
}

function First({ evidence }: { readonly evidence: Evidence }) {
  const { headline, metric, changes, alertAtMs } = evidence;
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
      <Missing evidence={evidence} names={['metric']} />
    </>
  );
}

/** What else was found: changes, tasks, groups, earlier and related alerts; nothing before it is gathered. */
export function MoreEvidence(props: {
  readonly evidence: Evidence | null;
  readonly nowMs: number;
}) {
  const { evidence, nowMs } = props;
  if (evidence === null) return null;
  return (
    <Section id="more-evidence" title="More evidence">
      <Changes evidence={evidence} nowMs={nowMs} />
      <Tasks evidence={evidence} nowMs={nowMs} />
      <Groups evidence={evidence} nowMs={nowMs} />
      <LastTime evidence={evidence} nowMs={nowMs} />
      <Related evidence={evidence} nowMs={nowMs} />
      <Missing evidence={evidence} names={['changes', 'tasks', 'group', 'lastTime', 'related']} />
      <p class="soft">
        Gathered <Ago ms={evidence.gatheredAtMs} nowMs={nowMs} />.
      </p>
    </Section>
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
        <ol class="timeline ages">
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
            <ul class="plain">
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
          <ul class="plain">
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
      <ol class="plain">
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
  // alerts of one name about the same thing look alike: one of them stands for all
  const names = alerts.map(({ labels }) => nameOfAlert(labels));
  const shown = alerts.filter((_, index) => names.indexOf(names[index] ?? '') === index);
  return (
    <>
      <h3>
        Related alerts<span class="count"> {total}</span>
      </h3>
      <ul class="plain">
        {shown.map(({ id, labels, openedAtMs, shares }) => (
          <li>
            <a href={`/alerts/${encodeURIComponent(id)}`}>{nameOfAlert(labels)}</a>{' '}
            <span class="soft">
              {shares === 'target' ? 'same target' : 'same group'}, since{' '}
              <Ago ms={openedAtMs} nowMs={nowMs} />
            </span>
          </li>
        ))}
      </ul>
      {total > shown.length && (
        <p>
          <a href="/alerts?state=open">{total - shown.length} more firing alerts</a>
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
function Missing(props: {
  readonly evidence: Evidence;
  readonly names: readonly (keyof typeof titles)[];
}) {
  const { evidence, names } = props;
  const missing = names.flatMap((name) => {
    const part = evidence[name];
    return isThere(part) ? [] : [{ title: titles[name], why: part.missing }];
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
