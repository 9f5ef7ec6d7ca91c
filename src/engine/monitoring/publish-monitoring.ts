import type { WatchContext } from '../../integrations/contract/connected.js';
import type { Ledger } from '../../ledger/ledger.js';
import {
  digestOf,
  keepPrometheusFiles,
  type PrometheusFiles,
  type RefusedRule,
  readRefusedRules,
  writePrometheusFiles,
} from '../../ledger/prometheus-files.js';
import { messageOf } from '../../lib/errors.js';
import type { Metrics } from '../../lib/metrics.js';
import { createComposer, type MonitoredService } from '../../monitoring/compose.js';
import type { DescribedWorld } from '../../monitoring/described-service.js';
import type { Shortcuts } from '../../monitoring/shortcuts.js';
import type { TargetSettings } from '../../monitoring/target-groups.js';
import type { Prometheus } from '../../prometheus/prometheus.js';
import { createExpressionChecks } from './expression-checks.js';

/** How often a worker says that what is recorded is still right. */
export const keepEveryMs = 5_000;

/** What the publisher is made of. */
export interface PublisherParts extends Pick<WatchContext, 'clock' | 'log' | 'report'> {
  readonly ledger: Ledger;
  readonly shortcuts: Shortcuts;
  readonly targets: TargetSettings;
  /** Which parse the expressions of rules; empty: none does. */
  readonly prometheuses: readonly Pick<Prometheus, 'parseFault'>[];
  readonly metrics: Pick<Metrics, 'serviceMonitoringInvalid'>;
}

/**
 * Records rules and targets for Prometheus whenever services change, reports what is wrong with them, once
 * while it is so, and records nothing while the services cannot be seen.
 */
export function createMonitoringPublisher({
  ledger,
  shortcuts,
  targets,
  prometheuses,
  metrics,
  report,
  clock,
  log,
}: PublisherParts) {
  const checks = createExpressionChecks({ prometheuses, log });
  const compose = createComposer(shortcuts, targets, checks.refusalOf);
  let seen: DescribedWorld | undefined;
  let isChecking = false;
  let expressions: readonly string[] = [];
  let files: PrometheusFiles | undefined;
  let services: readonly MonitoredService[] = [];
  let refused: readonly RefusedRule[] = [];
  /** The digest of what this worker recorded last. */
  let written = '';
  let writing: Promise<void> = Promise.resolve();
  /** What was told of each service, by its id. */
  const told = new Map<string, string>();

  /** Takes what services say, or `null` when it cannot be seen. */
  function take(world: DescribedWorld | null): void {
    seen = world ?? undefined;
    if (world === null) {
      files = undefined;
      metrics.serviceMonitoringInvalid.reset();
      return;
    }
    const composed = compose(world);
    services = composed.services;
    expressions = composed.expressions;
    const { rules, targets } = composed;
    files = { rules, targets, services: JSON.stringify(services) };
    tellFaults();
    writing = writing.then(writeChanged).catch((error: unknown) => {
      // the next look does it
      log.warn({ fault: messageOf(error) }, 'rules and targets not recorded');
    });
  }

  async function writeChanged(): Promise<void> {
    if (files === undefined) return;
    const digest = digestOf(files);
    if (digest === written) return;
    await writePrometheusFiles(ledger, files, clock.now());
    written = digest;
  }

  /** Keeps what is recorded, and leaves out and takes over what Prometheus refuses. Throws what Redis throws. */
  async function look(): Promise<void> {
    beginChecks();
    await writing;
    await writeChanged();
    if (files !== undefined) await keepPrometheusFiles(ledger, files, clock.now());
    refused = await readRefusedRules(ledger);
    if (files !== undefined) tellFaults();
  }

  /** Has Prometheus parse what it has not parsed yet. Nothing waits for it. */
  function beginChecks(): void {
    if (isChecking) return;
    isChecking = true;
    checks
      .look(expressions)
      .then((isRefused) => {
        if (isRefused && seen !== undefined) take(seen);
      })
      .finally(() => {
        isChecking = false;
      });
  }

  function tellFaults(): void {
    metrics.serviceMonitoringInvalid.reset();
    const there = new Set(services.map(({ id }) => id));
    for (const id of told.keys()) if (!there.has(id)) told.delete(id);
    for (const service of services) {
      const { id, name } = service;
      const faults = faultsOf(service);
      if (faults.length === 0) {
        told.delete(id);
        continue;
      }
      metrics.serviceMonitoringInvalid.set({ service: name }, 1);
      const detail = faults.join('; ');
      if (told.get(id) === detail) continue;
      told.set(id, detail);
      tell({ id, name }, detail).catch((error: unknown) => {
        told.delete(id);
        log.warn(
          { service: name, fault: messageOf(error) },
          'fault of monitoring labels not reported',
        );
      });
    }
  }

  function faultsOf({ name, rules, faults }: MonitoredService): string[] {
    const ofPrometheus = refused.filter(
      ({ service, alert }) => service === name && rules.some((rule) => rule.alert === alert),
    );
    return [
      ...faults.map(({ detail }) => detail),
      ...ofPrometheus.map(({ alert, error }) => `Prometheus refuses the rule ${alert}: ${error}`),
    ];
  }

  async function tell({ id, name }: Pick<MonitoredService, 'id' | 'name'>, faults: string) {
    await report({
      target: { id: `swarm.service/${id}`, name },
      title: `Monitoring labels of service ${name} not valid`,
      detail: `${faults}. Targets and rules without a fault stay in force, and Jidoka still acts on the service.`,
    });
  }

  return { take, look };
}
