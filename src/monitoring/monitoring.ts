import type { Labels } from './described-service.js';

/** How the tasks of a service are scraped. Durations are in the form of Prometheus. */
export interface Scrape {
  readonly port: number;
  readonly path: string | undefined;
  readonly interval: string | undefined;
  readonly timeout: string | undefined;
  readonly scheme: 'http' | 'https' | undefined;
  /** The name of the network by which Prometheus reaches the tasks. */
  readonly network: string | undefined;
}

/** An alerting rule of Prometheus. */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string | undefined;
  readonly labels: Labels;
  readonly annotations: Labels;
}

/** An alert as labels define it, before it is checked. */
export interface AlertDefinition {
  /** The name of the rule. */
  readonly name: string;
  /** The labels that define it, for errors: `jidoka.alert.Slow` or `com.df.alertName.1`. */
  readonly label: string;
  /** An expression of Prometheus, or shortcuts. */
  readonly condition: string;
  readonly for: string | undefined;
  readonly labels: Labels;
  readonly annotations: Labels;
  /** Whether it stays while the service has 0 replicas. */
  readonly persistent: boolean;
}

/** Something that cannot be read, and what it stops. */
export interface MonitoringFault {
  /** `scrape`, or the name of an alert. */
  readonly about: string;
  /** In a sentence: the label, what was expected, what to do. */
  readonly detail: string;
}

/** What a service says about its monitoring. */
export interface Monitoring {
  readonly scrape: Scrape | undefined;
  readonly rules: readonly AlertRule[];
  readonly faults: readonly MonitoringFault[];
}
