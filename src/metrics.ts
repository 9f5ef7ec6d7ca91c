import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What the engine counts about itself; labels are closed lists only, never an alert's own words. */
export interface Metrics {
  readonly registry: Registry;
  /** Notifications by `outcome`: `accepted`, or the reason of the refusal. */
  readonly notifications: Counter<'outcome'>;
  /** Other requests that were refused: clicks, calls of the API, and what no path of ours answers. */
  readonly refusals: Counter<'route' | 'reason'>;
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
  /** Readings of Alertmanager's API by `result`: `complete`, `partial` (some members failed), `failed`. */
  readonly reconciliations: Counter<'result'>;
  /** Open escalations that Slack has not taken, and the seconds since the first of them was tried. */
  readonly undelivered: Gauge;
  readonly undeliveredSeconds: Gauge;
  /** Decisions that a guard holds, and the seconds since the first of them was held. */
  readonly held: Gauge;
  readonly heldSeconds: Gauge;
  /** Seconds since the oldest job that waits in a queue was put there. */
  readonly queueSeconds: Gauge<'queue'>;
  /** 1 or 0 by `setting` of Redis: whether it is such that what Redis takes is kept. */
  readonly redisDurable: Gauge<'setting'>;
  /** Bytes that Redis takes, and those that it may take, where it shows them. */
  readonly redisMemory: Gauge;
  readonly redisMemoryLimit: Gauge;
  /** Seconds from the receipt of a notification to the decision on its alerts. */
  readonly decisionSeconds: Histogram;
  /** Notifications that were taken in and could not be written to the history. */
  readonly unrecorded: Counter;
  /** How many playbooks a person is asked about because their last runs did not help. */
  readonly openBreakers: Gauge;
  /** 1 or 0: whether Slack's clicks can arrive over the socket; without SLACK_APP_TOKEN it has no value. */
  readonly slackSocketUp: Gauge;
  /** 1 for each service whose rollout Swarm has paused, and for each whose own labels cannot be read. */
  readonly serviceRolloutPaused: Gauge<'service'>;
  readonly serviceUnschedulable: Gauge<'service' | 'lacks'>;
  readonly nodeDown: Gauge<'node' | 'name'>;
  readonly serviceLabelsUnreadable: Gauge<'service'>;
  /** 1 or 0: whether the playbook folder could be taken as it was last seen; and when it last could. */
  readonly reloadSuccessful: Gauge;
  readonly reloadSuccessSeconds: Gauge;
  /** Jobs that wait, by queue. */
  readonly jobs: Gauge<'queue' | 'state'>;
  /** 1: the figures that come from Redis, or from the acting half, could be read; 0: they are missing. */
  readonly redisUp: Gauge;
  readonly actingUp: Gauge;
}

/** Creates the metrics in a registry of their own, so that several engines can live in one process. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Counter({ name, help, labelNames, registers });
  const gauge = <L extends string>(name: string, help: string, labelNames: L[] = []) => {
    const made = new Gauge({ name, help, labelNames, registers });
    // without this it would be 0 until it is set, and what nobody has read is no zero
    if (labelNames.length === 0) made.remove();
    return made;
  };
  const slackSocketUp = gauge(
    'jidoka_slack_socket_up',
    'Whether clicks in Slack can arrive over the socket; absent without SLACK_APP_TOKEN.',
  );
  slackSocketUp.remove();
  return {
    registry,
    notifications: counter('jidoka_notifications_total', 'Notifications received.', ['outcome']),
    refusals: counter(
      'jidoka_refused_requests_total',
      'Requests refused other than notifications, by route and reason.',
      ['route', 'reason'],
    ),
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
    reconciliations: counter('jidoka_reconciliations_total', "Readings of Alertmanager's API.", [
      'result',
    ]),
    undelivered: gauge(
      'jidoka_escalations_undelivered',
      'Open escalations that Slack has not taken yet.',
    ),
    undeliveredSeconds: gauge(
      'jidoka_escalation_undelivered_seconds',
      'Time since the first try to deliver the longest undelivered escalation.',
    ),
    held: gauge('jidoka_decisions_held', 'Decisions that a guard holds.'),
    heldSeconds: gauge(
      'jidoka_decision_held_seconds',
      'Time since the longest held decision was first held.',
    ),
    queueSeconds: gauge(
      'jidoka_queue_oldest_job_seconds',
      'Time since the oldest waiting job of a queue was put there.',
      ['queue'],
    ),
    redisDurable: gauge(
      'jidoka_redis_durable',
      'Whether a setting of Redis is such that what it takes is kept (1) or not (0).',
      ['setting'],
    ),
    redisMemory: gauge('jidoka_redis_memory_bytes', 'Memory that Redis takes.'),
    redisMemoryLimit: gauge(
      'jidoka_redis_memory_limit_bytes',
      'Memory that Redis may take: its maxmemory, else the memory of its machine.',
    ),
    messages: counter('jidoka_messages_total', 'Messages to Slack.', ['result']),
    decisionSeconds: new Histogram({
      name: 'jidoka_decision_seconds',
      help: 'Time from the receipt of a notification to the decision on its alerts.',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60],
      registers,
    }),
    unrecorded: counter(
      'jidoka_history_missed_total',
      'Notifications that could not be written to the history.',
      [],
    ),
    slackSocketUp,
    openBreakers: gauge(
      'jidoka_breakers_open',
      'Playbooks whose breaker is open: a person is asked before each run until one resets it.',
    ),
    serviceRolloutPaused: gauge(
      'jidoka_service_rollout_paused',
      'Services whose rollout Swarm has paused (1); others are left out.',
      ['service'],
    ),
    serviceUnschedulable: gauge(
      'jidoka_service_unschedulable',
      'Services with tasks for which Swarm finds no node (1), for lack of room or of a node that fits; others are left out.',
      ['service', 'lacks'],
    ),
    nodeDown: gauge(
      'jidoka_node_down',
      'Nodes of the Swarm that are down (1), by their id; others are left out.',
      ['node', 'name'],
    ),
    serviceLabelsUnreadable: gauge(
      'jidoka_service_labels_unreadable',
      'Services that say something about themselves that cannot be read (1); others are left out.',
      ['service'],
    ),
    reloadSuccessful: gauge(
      'jidoka_config_last_reload_successful',
      'Whether the last reload of the playbooks and their policy was successful.',
    ),
    reloadSuccessSeconds: gauge(
      'jidoka_config_last_reload_success_timestamp_seconds',
      'Time of the last successful reload of the playbooks and their policy, or of the start.',
    ),
    jobs: new Gauge({
      name: 'jidoka_queue_jobs',
      help: 'Jobs in a queue, by state.',
      labelNames: ['queue', 'state'],
      registers,
    }),
    redisUp: gauge(
      'jidoka_redis_up',
      'Whether Redis answered this scrape; if not, its figures are missing.',
    ),
    actingUp: gauge(
      'jidoka_acting_up',
      'Whether the half that acts answered this scrape; if not, its figures are missing.',
    ),
  };
}
