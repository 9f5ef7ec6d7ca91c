import { parse } from 'yaml';
import { dataOf, fieldsOf, labelsOf, listAt } from './answer.js';

type Labels = Readonly<Record<string, string>>;

/** An alerting rule as Prometheus evaluates it. */
export interface LoadedRule {
  /** The group that it is in. */
  readonly group: string;
  readonly name: string;
  readonly labels: Labels;
  /** `unknown`: it has not been evaluated yet. */
  readonly health: 'ok' | 'err' | 'unknown';
  /** The error of its last evaluation, or the empty string. */
  readonly lastError: string;
  /** The labels of the alerts that are pending or firing, at most so many as are looked at. */
  readonly alerts: readonly Labels[];
}

/** A target as Prometheus scrapes it. */
export interface ScrapedTarget {
  readonly labels: Labels;
  /** Its address before relabelling. */
  readonly address: string;
  /** `unknown`: it has not been scraped yet. */
  readonly health: 'up' | 'down' | 'unknown';
  readonly lastError: string;
}

/** What becomes of the alerts of a Prometheus on their way. */
export interface Sending {
  /** How many Alertmanagers it sends its alerts to. */
  readonly alertmanagers: number;
  /** The labels that every alert gets, unless it has them. */
  readonly externalLabels: Labels;
  /** Whether it changes labels of alerts before it sends them. */
  readonly relabels: boolean;
}

/** So many alerts of a rule are kept. */
const maxAlerts = 50;

/**
 * Reads the alerting rules of some groups from the answer of `GET /api/v1/rules`.
 *
 * @throws an error that names the place of the first fault.
 */
export function readLoadedRules(
  answer: unknown,
  wanted: ReadonlySet<string>,
): readonly LoadedRule[] {
  return listAt(dataOf(answer), 'groups', 'data.groups').flatMap((raw, index) => {
    const group = String(fieldsOf(raw).name);
    if (!wanted.has(group)) return [];
    return listAt(raw, 'rules', `data.groups[${index}].rules`).flatMap((rule) => {
      const { type, name, labels, health, lastError, alerts } = fieldsOf(rule);
      if (type !== 'alerting') return [];
      const active = Array.isArray(alerts) ? alerts.slice(0, maxAlerts) : [];
      return {
        group,
        name: String(name),
        labels: labelsOf(labels),
        health: health === 'ok' || health === 'err' ? health : ('unknown' as const),
        lastError: textOf(lastError),
        alerts: active.map((alert) => labelsOf(fieldsOf(alert).labels)),
      };
    });
  });
}

/**
 * Reads the answer of `GET /api/v1/targets`.
 *
 * @throws an error where it is not one.
 */
export function readTargets(answer: unknown): readonly ScrapedTarget[] {
  return listAt(dataOf(answer), 'activeTargets', 'data.activeTargets').map((raw) => {
    const { labels, discoveredLabels, health, lastError } = fieldsOf(raw);
    return {
      labels: labelsOf(labels),
      address: labelsOf(discoveredLabels).__address__ ?? '',
      health: health === 'up' || health === 'down' ? health : ('unknown' as const),
      lastError: textOf(lastError),
    };
  });
}

/**
 * Reads the answer of `GET /api/v1/alertmanagers`.
 *
 * @throws an error where it is not one.
 */
export function readAlertmanagers(answer: unknown): number {
  return listAt(dataOf(answer), 'activeAlertmanagers', 'data.activeAlertmanagers').length;
}

/**
 * Reads what becomes of alerts from the answer of `GET /api/v1/status/config`.
 *
 * @throws an error where it is not one.
 */
export function readSending(answer: unknown): Omit<Sending, 'alertmanagers'> {
  const text = dataOf(answer).yaml;
  if (typeof text !== 'string') throw new Error('data.yaml: expected a text');
  // the scrape configurations are most of it, and nothing of them is needed
  const sections = text.split(/^(?=[a-z_]+:)/m).filter((one) => /^(?:global|alerting):/.test(one));
  const config = fieldsOf(parse(sections.join('')));
  const relabelings = fieldsOf(config.alerting).alert_relabel_configs;
  return {
    externalLabels: labelsOf(fieldsOf(config.global).external_labels),
    relabels: Array.isArray(relabelings) && relabelings.length > 0,
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
