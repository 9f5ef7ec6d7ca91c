import type { Labels } from './alert.js';

/** The name of the alert that Jidoka posts to Alertmanager when Slack takes no message. */
export const ownAlertName = 'JidokaEscalationUndelivered';

/** The name of the alert that Jidoka posts to Alertmanager for each escalation, where the policy says so. */
export const escalationAlertName = 'JidokaEscalation';

/** The label of each alert that Jidoka posts to Alertmanager, by which it knows the alert when it comes back. */
export const ownAlertLabel = { posted_by: 'jidoka' } as const;

/** Whether Jidoka posted an alert itself. Such an alert is never work for it. */
export function isOwnAlert(labels: Labels): boolean {
  const isNamedSo = labels.alertname === ownAlertName || labels.alertname === escalationAlertName;
  return isNamedSo || labels.posted_by === ownAlertLabel.posted_by;
}
