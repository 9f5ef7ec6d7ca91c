/** Alertmanager's label set; a missing label equals the empty string wherever it is matched. */
export type Labels = Readonly<Record<string, string>>;

/** One alert of a notification, as Alertmanager's webhook v4 carries it, times in milliseconds. */
export interface Alert {
  readonly status: 'firing' | 'resolved';
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly startsAtMs: number;
  /** `null` while firing (Alertmanager sends Go's zero time). */
  readonly endsAtMs: number | null;
  readonly generatorUrl: string;
  /** Alertmanager's own hash of the labels. */
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
  readonly alerts: readonly unknown[];
}
