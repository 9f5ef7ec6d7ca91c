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
  /** Fields of notifications that were odd, and taken all the same, by their name. */
  readonly oddFields: Counter<'field'>;
  /** Decisions by their reason. */
  readonly decisions: Counter<'fate' | 'reason'>;
  /** Runs that ended, by playbook (the empty string: a person chose the action), outcome and reason. */
  readonly runs: Counter<'playbook' | 'outcome' | 'reason'>;
  /** Changes sent to targets, by action and result. */
  readonly changes: Counter<'action' | 'result'>;
  /** Slack messages by `result`: `sent`, `failed`, `refused`. */
  readonly messages: Counter<'result'>;
  /** Readings of Alertmanager's API by `result`: `complete`, `partial` (some members failed), `failed`. */
  readonly reconciliations: Counter<'result'>;
  /** Open escalations that Slack has not taken, and the seconds since the first of them was tried. */
  readonly undelivered: Gauge;
  readonly undeliveredSeconds: Gauge;
  /** Open escalations, and the seconds since the first of them was opened. */
  readonly open: Gauge;
  readonly openSeconds: Gauge;
  /** Seconds since each pause that lasts was set, by what it halts: `everything`, `playbook:…`, `target:…`. */
  readonly pausedSeconds: Gauge<'scope'>;
  /** Decisions that a guard holds, and the seconds since the first of them was held. */
  readonly held: Gauge;
  readonly heldSeconds: Gauge;
  /** Seconds since the oldest job that waits in a queue was put there. */
  readonly queueSeconds: Gauge<'queue'>;
  /** 1 or 0: whether jobs wait in a queue and none has been worked off for a minute. */
  readonly queueStuck: Gauge<'queue'>;
  /** 1 or 0: whether Redis does all that the work needs. */
  readonly redisUsable: Gauge;
  /** 1 or 0 by `setting` of Redis: whether it is such that what Redis takes is kept. */
  readonly redisDurable: Gauge<'setting'>;
  /** Bytes that Redis takes, and those that it may take, where it shows them. */
  readonly redisMemory: Gauge;
  readonly redisMemoryLimit: Gauge;
  /** Seconds by which the clock of this machine is ahead of that of Redis; negative: behind. */
  readonly clockSkew: Gauge;
  /** Seconds from the receipt of a notification to the decision on its alerts. */
  readonly decisionSeconds: Histogram;
  /** Notifications that were taken in and could not be written to the history. */
  readonly unrecorded: Counter;
  /** How many playbooks a person is asked about because their last runs did not help. */
  readonly openBreakers: Gauge;
  /** 1 or 0: whether Slack's clicks can arrive over the socket; without SLACK_APP_TOKEN it has no value. */
  readonly slackSocketUp: Gauge;
  /** 1 or 0 by target system: whether it answered the last look; without a value where it is not configured. */
  readonly targetUp: Gauge<'target'>;
  /** 1 for each service whose rollout Swarm has paused, and for each whose own labels cannot be read. */
  readonly serviceRolloutPaused: Gauge<'service'>;
  readonly serviceUnschedulable: Gauge<'service' | 'lacks'>;
  readonly nodeDown: Gauge<'node' | 'name'>;
  readonly serviceLabelsUnreadable: Gauge<'service'>;
  /** 1 for each service of which a target or a rule is left out. */
  readonly serviceMonitoringInvalid: Gauge<'service'>;
  /** Requests that tell others of services and nodes. */
  readonly announcements: Counter<'kind' | 'event' | 'result'>;
  /** 1 or 0: whether the playbook folder could be taken as it was last seen; and when it last could. */
  readonly reloadSuccessful: Gauge;
  readonly reloadSuccessSeconds: Gauge;
  /** Jobs that wait, by queue. */
  readonly jobs: Gauge<'queue' | 'state'>;
  /** 1: the figures that come from Redis, or from the worker, could be read; 0: they are missing. */
  readonly redisUp: Gauge;
  readonly actingUp: Gauge;
  /** Always 1, with the versions. */
  readonly buildInfo: Gauge<'version' | 'node'>;
}

/** Creates the metrics in a registry of their own, so that several engines can live in one process. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Counter({ name, help, labelNames, registers });
  const gauge = <L extends string>(name: string, help: string, labelNames: L[] = []) => {
    const made = new Gauge({ name, help, labelNames, registers });
    // without this it would be 0 until it is set, and what no one has read is no zero
    if (labelNames.length === 0) made.remove();
    return made;
  };
  const slackSocketUp = gauge(
    'jidoka_slack_socket_up',
    '1 if Slack can deliver clicks over the socket, else 0. Absent without SLACK_APP_TOKEN.',
  );
  slackSocketUp.remove();
  return {
    registry,
    notifications: counter(
      'jidoka_notifications_total',
      'Notifications received, by outcome: accepted, or the reason of the refusal.',
      ['outcome'],
    ),
    refusals: counter(
      'jidoka_refused_requests_total',
      'Refused requests other than notifications, by route and reason.',
      ['route', 'reason'],
    ),
    alerts: counter('jidoka_alerts_total', 'Alerts received, by their effect on the episode.', [
      'effect',
    ]),
    oddFields: counter(
      'jidoka_odd_fields_total',
      'Fields of notifications that differ from the format of Alertmanager. Jidoka accepted the alerts.',
      ['field'],
    ),
    decisions: counter('jidoka_decisions_total', 'Decisions, by disposition (fate) and reason.', [
      'fate',
      'reason',
    ]),
    runs: counter(
      'jidoka_runs_ended_total',
      'Ended runs, by playbook, outcome and reason. The playbook is empty if a person chose the action.',
      ['playbook', 'outcome', 'reason'],
    ),
    changes: counter('jidoka_changes_total', 'Changes sent to targets, by action and result.', [
      'action',
      'result',
    ]),
    clockSkew: gauge(
      'jidoka_clock_skew_seconds',
      'Seconds by which the clock of this machine is ahead of the clock of Redis. Negative: behind.',
    ),
    reconciliations: counter(
      'jidoka_reconciliations_total',
      "Reads of Alertmanager's API, by result: complete, partial (some members failed) or failed.",
      ['result'],
    ),
    undelivered: gauge(
      'jidoka_escalations_undelivered',
      'Open escalations that are not delivered to Slack.',
    ),
    undeliveredSeconds: gauge(
      'jidoka_escalation_undelivered_seconds',
      'Seconds since the first delivery attempt of the oldest undelivered escalation.',
    ),
    open: gauge('jidoka_escalations_open', 'Open escalations.'),
    openSeconds: gauge(
      'jidoka_escalation_open_seconds',
      'Seconds since the oldest open escalation was opened. 0 if none is open.',
    ),
    pausedSeconds: gauge(
      'jidoka_paused_seconds',
      'Seconds since a pause was set, for each that is in force, by what it pauses (scope).',
      ['scope'],
    ),
    held: gauge('jidoka_decisions_held', 'Decisions that a guard defers.'),
    heldSeconds: gauge(
      'jidoka_decision_held_seconds',
      'Seconds since a guard first deferred the oldest deferred decision.',
    ),
    queueSeconds: gauge(
      'jidoka_queue_oldest_job_seconds',
      'Age in seconds of the oldest waiting job of a queue.',
      ['queue'],
    ),
    queueStuck: gauge(
      'jidoka_queue_stuck',
      '1 if jobs wait in a queue and no job was finished for a minute, else 0.',
      ['queue'],
    ),
    redisUsable: gauge(
      'jidoka_redis_usable',
      '1 if Redis accepts everything that Jidoka needs (scripts, writes, commands, the blocking read), else 0.',
    ),
    redisDurable: gauge(
      'jidoka_redis_durable',
      '1 if a setting of Redis keeps the data safe, else 0.',
      ['setting'],
    ),
    redisMemory: gauge('jidoka_redis_memory_bytes', 'Memory that Redis uses.'),
    redisMemoryLimit: gauge(
      'jidoka_redis_memory_limit_bytes',
      'Memory that Redis may use: maxmemory, or the memory of its machine.',
    ),
    messages: counter(
      'jidoka_messages_total',
      'Messages to Slack, by result: sent, failed or refused.',
      ['result'],
    ),
    decisionSeconds: new Histogram({
      name: 'jidoka_decision_seconds',
      help: 'Seconds from a notification to the decision about its alerts.',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60],
      registers,
    }),
    unrecorded: counter(
      'jidoka_history_missed_total',
      'Notifications that are missing from the history.',
      [],
    ),
    slackSocketUp,
    openBreakers: gauge(
      'jidoka_breakers_open',
      'Playbooks with an open circuit breaker. Their runs require approval.',
    ),
    targetUp: gauge(
      'jidoka_target_up',
      '1 if a system (swarm, aws, slack, alertmanager, prometheus) answered the last request, else 0. Absent if it is not configured.',
      ['target'],
    ),
    serviceRolloutPaused: gauge(
      'jidoka_service_rollout_paused',
      '1 for each service whose rollout Swarm paused. Absent for other services.',
      ['service'],
    ),
    serviceUnschedulable: gauge(
      'jidoka_service_unschedulable',
      '1 for each service with tasks that find no node, because of room or placement (lacks). Absent for other services.',
      ['service', 'lacks'],
    ),
    nodeDown: gauge(
      'jidoka_node_down',
      '1 for each node of the Swarm that is down. Absent for other nodes.',
      ['node', 'name'],
    ),
    serviceLabelsUnreadable: gauge(
      'jidoka_service_labels_unreadable',
      '1 for each service with a label that is not valid. Absent for other services.',
      ['service'],
    ),
    serviceMonitoringInvalid: gauge(
      'jidoka_service_monitoring_invalid',
      '1 for each service whose labels define a target or a rule that is not valid. Absent for other services.',
      ['service'],
    ),
    announcements: counter(
      'jidoka_announcements_total',
      'Requests that announce services and nodes, by result: `delivered`, `retried`, or `failed` after the last attempt.',
      ['kind', 'event', 'result'],
    ),
    reloadSuccessful: gauge(
      'jidoka_config_last_reload_successful',
      '1 if the last reload of playbooks and policy succeeded, else 0.',
    ),
    reloadSuccessSeconds: gauge(
      'jidoka_config_last_reload_success_timestamp_seconds',
      'Unix time of the last successful reload, or of the start.',
    ),
    jobs: new Gauge({
      name: 'jidoka_queue_jobs',
      help: 'Jobs in a queue, by state.',
      labelNames: ['queue', 'state'],
      registers,
    }),
    redisUp: gauge(
      'jidoka_redis_up',
      '1 if Redis answered this scrape, else 0. Without it, metrics from Redis are absent.',
    ),
    buildInfo: gauge('jidoka_build_info', 'Always 1, with the versions of Jidoka and of Node.js.', [
      'version',
      'node',
    ]),
    actingUp: gauge(
      'jidoka_acting_up',
      '1 if the worker answered this scrape, else 0. Without it, metrics of the worker are absent.',
    ),
  };
}
