import type { Labels } from '../../alertmanager/alert.js';
import { targetLabels } from '../../integrations/registry.js';

/** The labels of an alert, its name first; that of its service leads there. */
export function LabelList({ labels }: { readonly labels: Labels }) {
  const { alertname, ...others } = labels;
  const rest = Object.entries(others).sort(([a], [b]) => (a < b ? -1 : 1));
  const all = alertname === undefined ? rest : [['alertname', alertname] as const, ...rest];
  return (
    <ul class="labels">
      {all.map(([name, value]) => (
        <li>
          <span>{name}</span>
          <b>{name === 'service' ? <ServiceLink name={value} /> : value}</b>
        </li>
      ))}
    </ul>
  );
}

/** Leads to what a service says about itself; the search finds nothing where it says nothing. */
function ServiceLink({ name }: { readonly name: string }) {
  return <a href={`/services?q=${encodeURIComponent(name)}`}>{name}</a>;
}

/** How an alert is called in a line: its name, and the labels that say what it is about. */
export function nameOfAlert(labels: Labels): string {
  const { alertname = 'an alert without a name' } = labels;
  const about = [...targetLabels, 'node', 'instance'].map((name) => labels[name]).find(Boolean);
  return about === undefined ? alertname : `${alertname} (${about})`;
}
