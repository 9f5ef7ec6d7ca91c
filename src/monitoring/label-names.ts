/** Labels of a service about its targets and its alerts. A fault in one stops only what it is about. */
export const scrapePrefix = 'jidoka.scrape.';
export const alertPrefix = 'jidoka.alert.';

/** Whether a label of ours is about the monitoring of its service. */
export function isMonitoringLabel(name: string): boolean {
  return name.startsWith(scrapePrefix) || name.startsWith(alertPrefix);
}

/** Whether a label of Docker Flow is about the monitoring of its service. */
export function isDockerFlowMonitoringLabel(name: string): boolean {
  return /^com\.df\.(?:notify$|scrape|metricsPath|alert)/.test(name);
}
