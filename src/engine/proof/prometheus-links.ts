import type { RefusedRule } from '../../ledger/prometheus-files.js';
import type { MonitoredService } from '../../monitoring/compose.js';
import type { LoadedRule, ScrapedTarget } from '../../prometheus/monitoring-answer.js';
import { bestOf, type LinkState, no, notChecked, type Reading, yes } from './link.js';

/**
 * Whether Prometheus scrapes the tasks of a service, and all are up.
 *
 * @param unasked why no Prometheus was asked, where none was
 */
export function scrapeLink(
  { name, scrape, targets, replicas, faults }: MonitoredService,
  readings: readonly Reading<readonly ScrapedTarget[]>[],
  unasked: string,
): LinkState {
  const fault = faults.find(({ about }) => about === 'scrape');
  if (fault !== undefined) return no(fault.detail);
  if (scrape === undefined) {
    return notChecked('the service does not ask to be scraped; its alerts use metrics of others');
  }
  if (readings.length === 0) return notChecked(unasked);
  if (replicas === 0) return notChecked('the service has 0 replicas');
  if (targets.length === 0) return no('none of its tasks is running');
  return bestOf(readings, unasked, (all) => {
    const own = all.filter(({ labels }) => labels.service === name || labels.job === name);
    const down = own.find(({ health }) => health === 'down');
    if (down !== undefined) return no(`${down.address} is down: ${down.lastError}`);
    if (own.length < targets.length) {
      return no(
        `Prometheus scrapes ${own.length} of ${count(targets.length, 'task')}; check http_sd_configs with /prometheus/targets in its configuration`,
      );
    }
    const isNew = own.some(({ health }) => health === 'unknown');
    return isNew ? notChecked('not scraped yet') : yes(`${count(own.length, 'target')} up`);
  });
}

/** The rule of an alert among those of one Prometheus. */
export function loadedRule(
  all: readonly LoadedRule[],
  service: string,
  alert: string,
): LoadedRule | undefined {
  return all.find(({ group, name }) => group === service && name === alert);
}

/**
 * Whether Prometheus has loaded the rule of an alert, and evaluates it.
 *
 * @param unasked why no Prometheus was asked, where none was
 */
export function ruleLink(
  service: string,
  alert: string,
  refused: readonly RefusedRule[],
  readings: readonly Reading<readonly LoadedRule[]>[],
  unasked: string,
): LinkState {
  const refusal = refused.find((one) => one.service === service && one.alert === alert);
  if (refusal !== undefined) return no(`Prometheus refuses the rule: ${refusal.error}`);
  return bestOf(readings, unasked, (all) => {
    const rule = loadedRule(all, service, alert);
    if (rule === undefined) {
      return no('Prometheus has not loaded the rule; check jidoka prometheus sync and rule_files');
    }
    if (rule.health === 'err') return no(`the rule fails: ${rule.lastError}`);
    if (rule.health === 'unknown') return notChecked('the rule was not evaluated yet');
    return yes('loaded, no errors');
  });
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
