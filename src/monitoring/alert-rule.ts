import type { Labels } from './described-service.js';
import { expressionFault } from './expression.js';
import type { AlertDefinition, AlertRule, MonitoringFault } from './monitoring.js';
import { durationFault } from './scrape-labels.js';
import { expandCondition, type ShortcutSubject, type Shortcuts } from './shortcuts.js';
import { shown } from './shown.js';

const labelName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Makes the rule of an alert. It gets the label `service`, which nothing overrides.
 *
 * @returns the rule unless something is wrong with it, and what is wrong
 */
export function createAlertRule(
  definition: AlertDefinition,
  subject: ShortcutSubject,
  shortcuts: Shortcuts,
): { readonly rule: AlertRule | undefined; readonly faults: readonly MonitoringFault[] } {
  const { name, label, condition } = definition;
  const details: string[] = [];
  const expanded = expandCondition(condition, subject, shortcuts);
  if (typeof expanded === 'string') details.push(expanded);
  else {
    const fault = expressionFault(expanded.expression);
    if (fault !== undefined) details.push(`${fault}, in ${shown(expanded.expression)}`);
  }
  if (definition.for !== undefined) {
    const fault = durationFault(definition.for);
    if (fault !== undefined) details.push(`its duration: ${fault}`);
  }
  for (const key of [...Object.keys(definition.labels), ...Object.keys(definition.annotations)]) {
    if (!labelName.test(key) || key === '__name__') {
      details.push(`${shown(key)} is no name of a label; expected letters, digits and _`);
    }
  }
  const faults = details.map((detail) => ({ about: name, detail: `${label}: ${detail}` }));
  if (typeof expanded === 'string' || faults.length > 0) return { rule: undefined, faults };

  const { service: given, ...own } = definition.labels;
  if (given !== undefined && given !== subject.service) {
    const detail = `${label}: its label service is ${shown(given)}; the rule has the name of the service instead`;
    faults.push({ about: name, detail });
  }
  const rule = {
    alert: name,
    expr: expanded.expression,
    for: definition.for,
    labels: sorted({ ...expanded.labels, ...own, service: subject.service }),
    annotations: sorted({ ...expanded.annotations, ...definition.annotations }),
  };
  return { rule, faults };
}

function sorted(labels: Labels): Labels {
  const order = ([one]: [string, string], [other]: [string, string]) => (one < other ? -1 : 1);
  return Object.fromEntries(Object.entries(labels).sort(order));
}
