import type { OddField } from './odd-field.js';

/** Alertmanager's label set; a missing label equals the empty string wherever it is matched. */
export type Labels = Readonly<Record<string, string>>;

/** One alert of a notification, as Alertmanager's webhook v4 carries it, times in milliseconds. */
export interface Alert {
  readonly status: 'firing' | 'resolved';
  readonly labels: Labels;
  readonly annotations: Labels;
  /** `null`: it does not say. */
  readonly startsAtMs: number | null;
  /** `null` while firing (Alertmanager sends Go's zero time), and where it does not say. */
  readonly endsAtMs: number | null;
  readonly generatorUrl: string;
  /** Alertmanager's hash of the labels, or a sender's own name for the alert. */
  readonly fingerprint: string;
}

/** One POST of Alertmanager. Its alerts are still raw: each is read by itself, so that a bad one spoils no other. */
export interface Notification {
  readonly groupKey: string;
  readonly receiver: string;
  readonly status: 'firing' | 'resolved';
  /** How many alerts Alertmanager left out because of `max_alerts`. */
  readonly truncatedAlerts: number;
  readonly externalUrl: string;
  readonly groupLabels: Labels;
  readonly commonLabels: Labels;
  readonly commonAnnotations: Labels;
  /** Labels of the route, since Alertmanager 0.34; never part of what an alert is. */
  readonly routeLabels?: Labels;
  /** Why it was sent, since Alertmanager 0.32: `repeat interval elapsed`, `new alerts in group`, … */
  readonly reason?: string;
  readonly alerts: readonly unknown[];
  /** How many alerts were left out here, beyond those that are taken of one notification. */
  readonly leftOut?: number;
  /** What of it was odd, if anything; its alerts are not looked at. */
  readonly odd?: readonly OddField[];
}
