import type { Labels } from './described-service.js';
import { alertPrefix } from './label-names.js';
import type { AlertDefinition, MonitoringFault } from './monitoring.js';
import { shown } from './shown.js';

const form =
  /^([A-Za-z_][\w-]*)\.(if|for|persistent|labels\.(?<label>.+)|annotations\.(?<annotation>.+))$/;
const expected =
  'jidoka.alert.NAME.if, .for, .persistent, .labels.KEY or .annotations.KEY, NAME of letters, digits, _ and -';

/** Reads the alerts that a service defines by our own labels (`jidoka.alert.NAME.if`). */
export function readAlertLabels(labels: Labels): {
  readonly alerts: readonly AlertDefinition[];
  readonly faults: readonly MonitoringFault[];
} {
  const faults: MonitoringFault[] = [];
  const found = new Map<
    string,
    { values: Record<string, string>; labels: Labels; annotations: Labels }
  >();
  for (const name of Object.keys(labels).sort()) {
    if (!name.startsWith(alertPrefix)) continue;
    const parts = form.exec(name.slice(alertPrefix.length));
    const value = labels[name] ?? '';
    if (parts === null) {
      const about = name.slice(alertPrefix.length).split('.')[0] ?? '';
      faults.push({ about, detail: `unknown label ${name}; expected ${expected}` });
      continue;
    }
    const [, alert = '', key = ''] = parts;
    const { label, annotation } = parts.groups ?? {};
    const one = found.get(alert) ?? { values: {}, labels: {}, annotations: {} };
    found.set(alert, one);
    if (label !== undefined) one.labels = { ...one.labels, [label]: value };
    else if (annotation !== undefined)
      one.annotations = { ...one.annotations, [annotation]: value };
    else one.values[key] = value;
  }
  const alerts: AlertDefinition[] = [];
  for (const [name, { values, labels, annotations }] of found) {
    const label = `${alertPrefix}${name}`;
    const condition = values.if;
    if (condition === undefined) {
      faults.push({ about: name, detail: `label ${label}.if is missing; set it to an expression` });
      continue;
    }
    const persistent = persistence(values.persistent);
    if (persistent === undefined) {
      const detail = `label ${label}.persistent is ${shown(values.persistent ?? '')}; expected true or false`;
      faults.push({ about: name, detail });
      continue;
    }
    alerts.push({ name, label, condition, for: values.for, labels, annotations, persistent });
  }
  return { alerts, faults };
}

/** Whether an alert stays at 0 replicas, by default it does; `undefined`: neither true nor false. */
export function persistence(text: string | undefined): boolean | undefined {
  if (text === undefined || text === 'true') return true;
  return text === 'false' ? false : undefined;
}
