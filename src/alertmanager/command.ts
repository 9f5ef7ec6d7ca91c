import type { Labels, Notification } from './alert.js';
import type { CommandSource } from './source.js';

/** A call that asks for one thing to be done, as its caller put it. */
export interface Command {
  readonly source: CommandSource;
  /** What it asks for: the name of a Jenkins job, `scale-service`. */
  readonly name: string;
  /** Its parameters, which become labels. */
  readonly parameters: Labels;
  readonly receivedAtMs: number;
}

/**
 * A command as a notification with one alert. Its labels are the parameters, and two that no parameter
 * can set: `alertname`, what is asked for, and `command`, who asks, so that playbooks can tell.
 */
export function commandNotification(command: Command): Notification {
  const { source, name, parameters, receivedAtMs } = command;
  const labels = { ...parameters, alertname: name, command: source };
  return {
    groupKey: `${source}:${name}`,
    receiver: source,
    status: 'firing',
    truncatedAlerts: 0,
    externalUrl: '',
    groupLabels: {},
    commonLabels: labels,
    commonAnnotations: {},
    alerts: [
      {
        status: 'firing',
        labels,
        startsAt: new Date(receivedAtMs).toISOString(),
        fingerprint: 'command',
      },
    ],
  };
}
