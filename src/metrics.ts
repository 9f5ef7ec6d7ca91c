import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What the engine counts about itself; labels are closed lists only, never an alert's own words. */
export interface Metrics {
  readonly registry: Registry;
  /** Notifications by `outcome`: `accepted`, or the reason of the refusal. */
  readonly notifications: Counter<'outcome'>;
  /** Alerts taken in, by what they did to their episode: `opened`, `repeated`, … */
  readonly alerts: Counter<'effect'>;
  /** Decisions by their reason. */
  readonly decisions: Counter<'fate' | 'reason'>;
  /** Runs that ended, by outcome and reason. */
  readonly runs: Counter<'outcome' | 'reason'>;
  /** Changes sent to targets, by action and result. */
  readonly changes: Counter<'action' | 'result'>;
  /** Slack messages by `result`: `sent`, `failed`, `refused`. */
  readonly messages: Counter<'result'>;
  /** Seconds from the receipt of a notification to the decision on its alerts. */
  readonly decisionSeconds: Histogram;
  /** Jobs that wait, by queue. */
  readonly jobs: Gauge<'queue' | 'state'>;
}

/** Creates the metrics in a registry of their own, so that several engines can live in one process. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Counter({ name, help, labelNames, registers });
  return {
    registry,
    notifications: counter('jidoka_notifications_total', 'Notifications received.', ['outcome']),
    alerts: counter('jidoka_alerts_total', 'Alerts taken in, by effect on their episode.', [
      'effect',
    ]),
    decisions: counter('jidoka_decisions_total', 'Decisions taken, by fate and reason.', [
      'fate',
      'reason',
    ]),
    runs: counter('jidoka_runs_ended_total', 'Runs that ended, by outcome and reason.', [
      'outcome',
      'reason',
    ]),
    changes: counter('jidoka_changes_total', 'Changes sent to targets.', ['action', 'result']),
    messages: counter('jidoka_messages_total', 'Messages to Slack.', ['result']),
    decisionSeconds: new Histogram({
      name: 'jidoka_decision_seconds',
      help: 'Time from the receipt of a notification to the decision on its alerts.',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60],
      registers,
    }),
    jobs: new Gauge({
      name: 'jidoka_queue_jobs',
      help: 'Jobs in a queue, by state.',
      labelNames: ['queue', 'state'],
      registers,
    }),
  };
}
