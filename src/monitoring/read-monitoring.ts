import { readAlertLabels } from './alert-labels.js';
import { createAlertRule } from './alert-rule.js';
import type { DescribedService } from './described-service.js';
import { readDockerFlowAlerts } from './docker-flow-alerts.js';
import { isMonitoringLabel } from './label-names.js';
import type { AlertRule, Monitoring, MonitoringFault } from './monitoring.js';
import { readScrape } from './scrape-labels.js';
import type { Shortcuts } from './shortcuts.js';

/**
 * Reads what a service says about its monitoring, in our labels and in those of Docker Flow. What cannot be
 * read stops the target or the rule that it is about, and nothing else.
 */
export function readMonitoring(service: DescribedService, shortcuts: Shortcuts): Monitoring {
  const { name, replicas, labels, containerLabels } = service;
  const { scrape, faults: scrapeFaults } = readScrape(labels);
  const faults: MonitoringFault[] = [...scrapeFaults, ...misplaced(service)];
  const rules: AlertRule[] = [];
  const names = new Set<string>();
  for (const { alerts, faults: found } of [
    readAlertLabels(labels),
    readDockerFlowAlerts(name, labels),
  ]) {
    faults.push(...found);
    for (const definition of alerts) {
      if (names.has(definition.name)) {
        const detail = `${definition.label}: another alert of the service is named ${definition.name}; rename one of them`;
        faults.push({ about: definition.name, detail });
        continue;
      }
      names.add(definition.name);
      const { rule, faults: wrong } = createAlertRule(
        definition,
        { service: name, replicas },
        shortcuts,
      );
      faults.push(...wrong);
      const isOff = replicas === 0 && !definition.persistent;
      if (rule !== undefined && !isOff) rules.push(rule);
    }
  }
  return { scrape, rules, faults };

  /** Labels of ours that only the service itself may have. */
  function misplaced({ labels }: DescribedService): MonitoringFault[] {
    return Object.keys(containerLabels)
      .filter((label) => isMonitoringLabel(label) && labels[label] === undefined)
      .map((label) => ({
        about: 'scrape',
        detail: `label ${label} is set on the container; expected it on the service: under deploy.labels, or by docker service update --label-add`,
      }));
  }
}
