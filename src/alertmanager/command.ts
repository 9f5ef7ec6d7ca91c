import type { Labels, Notification } from './alert.js';
import type { CallSource, CommandSource } from './source.js';

/** A call that asks for one thing to be done, as its caller put it. */
export interface Call {
  readonly source: CallSource;
  /** What it asks for: the name of a Jenkins job, `scale-service`. */
  readonly name: string;
  /** Its parameters, which become labels. */
  readonly parameters: Labels;
  readonly receivedAtMs: number;
  /** Why, in the caller's words; it becomes the summary of the alert. */
  readonly why?: string | undefined;
}

/** That a person runs a playbook by hand. */
export interface ManualRun {
  /** Chosen by the client, so that the same request that is sent again starts nothing. */
  readonly key: string;
  readonly playbook: string;
  readonly by: string;
  /** Why, in the person's own words. */
  readonly why: string;
}

/**
 * A call as a notification with one alert. Its labels are the parameters, and two that no parameter
 * can set: `alertname`, what is asked for, and `command`, who asks, so that playbooks can tell.
 */
export function commandNotification(call: Call): Notification {
  const { source, name, parameters, receivedAtMs, why } = call;
  return notificationOf(
    source,
    name,
    { ...parameters, alertname: name, command: source },
    receivedAtMs,
    why,
  );
}

/** A run by hand as a notification with one alert, which has the labels that the person gave. */
export function manualNotification(
  { playbook }: ManualRun,
  labels: Labels,
  receivedAtMs: number,
): Notification {
  return notificationOf('manual', playbook, labels, receivedAtMs);
}

function notificationOf(
  source: CommandSource,
  name: string,
  labels: Labels,
  receivedAtMs: number,
  summary?: string,
): Notification {
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
        ...(summary && { annotations: { summary } }),
        startsAt: new Date(receivedAtMs).toISOString(),
        fingerprint: 'command',
      },
    ],
  };
}
