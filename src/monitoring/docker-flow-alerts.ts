import { persistence } from './alert-labels.js';
import type { Labels } from './described-service.js';
import type { AlertDefinition, MonitoringFault } from './monitoring.js';
import { shown } from './shown.js';

const form =
  /^com\.df\.(alertName|alertIf|alertFor|alertLabels|alertAnnotations|alertPersistent)(?:\.(\d+))?$/;

/**
 * Reads the alerts that a service defines by the labels of Docker Flow Monitor: without an index, and with
 * `.1`, `.2` and so on. An alert behind a gap counts as well. The name of a rule is
 * `SERVICE_ALERT` without `-`, as it was there.
 */
export function readDockerFlowAlerts(
  service: string,
  labels: Labels,
): { readonly alerts: readonly AlertDefinition[]; readonly faults: readonly MonitoringFault[] } {
  const indexes = new Set<string>();
  for (const name of Object.keys(labels)) {
    const parts = form.exec(name);
    if (parts !== null) indexes.add(parts[2] ?? '');
  }
  const alerts: AlertDefinition[] = [];
  const faults: MonitoringFault[] = [];
  for (const index of [...indexes].sort((one, other) => Number(one) - Number(other))) {
    const suffix = index === '' ? '' : `.${index}`;
    const read = (what: string) => labels[`com.df.${what}${suffix}`];
    const label = `com.df.alertName${suffix}`;
    const said = read('alertName');
    const name = `${service}_${said ?? ''}`.replaceAll('-', '');
    const about = said === undefined ? label : name;
    const fault = (detail: string) => faults.push({ about, detail });
    const condition = read('alertIf');
    if (said === undefined || said.trim() === '') {
      fault(`label ${label} is missing or empty; set it to the name of the alert`);
      continue;
    }
    if (condition === undefined) {
      fault(`label com.df.alertIf${suffix} is missing; set it to an expression or a shortcut`);
      continue;
    }
    const persistent = persistence(read('alertPersistent')?.toLowerCase());
    if (persistent === undefined) {
      fault(
        `label com.df.alertPersistent${suffix} is ${shown(read('alertPersistent') ?? '')}; expected true or false`,
      );
      continue;
    }
    const pairs = readPairs(read('alertLabels') ?? '');
    const notes = readPairs(read('alertAnnotations') ?? '');
    const odd = [
      ...(pairs === undefined ? [`alertLabels${suffix}`] : []),
      ...(notes === undefined ? [`alertAnnotations${suffix}`] : []),
    ];
    if (pairs === undefined || notes === undefined) {
      fault(`label com.df.${odd.join(' and com.df.')} has no key; expected key=value,key=value`);
      continue;
    }
    alerts.push({
      name,
      label,
      condition,
      for: read('alertFor'),
      labels: pairs,
      annotations: notes,
      persistent,
    });
  }
  return { alerts, faults };
}

/**
 * Reads `key=value,key=value`. A comma separates only where a key follows, so that a sentence may hold one;
 * every `=` but the first of a pair belongs to its value. `undefined`: it does not begin with a key.
 */
function readPairs(text: string): Labels | undefined {
  if (text.trim() === '') return {};
  const pairs: Record<string, string> = {};
  for (const pair of text.split(/,(?=\s*[A-Za-z_]\w*\s*=)/)) {
    const parts = /^\s*([A-Za-z_]\w*)\s*=([\s\S]*)$/.exec(pair);
    if (parts === null) return undefined;
    pairs[parts[1] ?? ''] = (parts[2] ?? '').replace(/,\s*$/, '').trim();
  }
  return pairs;
}
