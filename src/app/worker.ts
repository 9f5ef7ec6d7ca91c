import { setTimeout as sleep } from 'node:timers/promises';
import { countReceivers } from '../announcements/settings.js';
import { auditKeys } from '../audit/key.js';
import { createAuditSealer, sealEveryMs } from '../audit/sealer.js';
import { trimUnsealed } from '../audit/trim-unsealed.js';
import { announceEveryMs, createAnnouncer } from '../engine/announcements/announcer.js';
import type { RedisContext } from '../engine/context/context.js';
import { createEngine } from '../engine/engine.js';
import { isInAlertmanager } from '../engine/episode/alertmanager-silence.js';
import { closeStale } from '../engine/episode/stale.js';
import { explainAlerts } from '../engine/explain/explain.js';
import type { Question } from '../engine/explain/question.js';
import { reportInvalidMonitoring, reportUnreadable } from '../engine/faults/unreadable-target.js';
import { createClockWatch } from '../engine/health/clock-watch.js';
import { createRestoreMarker } from '../engine/health/restore-marker.js';
import { createRestoreWatch, markEveryMs } from '../engine/health/restore-watch.js';
import { createTargetWatch } from '../engine/health/target-watch.js';
import { createWatchdog } from '../engine/health/watchdog.js';
import { createMonitoringPublisher, keepEveryMs } from '../engine/monitoring/publish-monitoring.js';
import { remindAt } from '../engine/people/reminder.js';
import { createActiveSet, followEveryMs } from '../engine/playbook-set/active-set.js';
import { createPlaybookChecker } from '../engine/playbook-set/playbook-checker.js';
import { createTargetFit } from '../engine/reading/target-fit.js';
import { createReconciler } from '../engine/reconcile/reconcile.js';
import { countAlerts } from '../engine/reports/count-alerts.js';
import { createRecorder } from '../engine/reports/recorder.js';
import { createResultPoster } from '../engine/reports/results.js';
import { createWaker } from '../engine/schedule/waker.js';
import { isAboutSize } from '../escalation/is-about-size.js';
import { createAlertmanagerNotifier } from '../escalation/notify-alertmanager.js';
import { suggestChoices } from '../escalation/suggest.js';
import { createUndeliveredAlarm } from '../escalation/undelivered.js';
import { undoChoices } from '../escalation/undo-choice.js';
import { createEvidenceGatherer } from '../evidence/gather.js';
import { readInWords } from '../evidence/in-words.js';
import { hasHelped, rankChoices, readPrecedents } from '../evidence/precedents.js';
import { createFleet } from '../integrations/fleet.js';
import { connectAll } from '../integrations/registry.js';
import { offerSuggestion } from '../learning/offer-suggestion.js';
import type { Choice } from '../ledger/escalation.js';
import { createFence } from '../ledger/fence.js';
import { createHistory, packEveryMs } from '../ledger/history.js';
import { createLedger } from '../ledger/ledger.js';
import { isFenced } from '../ledger/redis-fault.js';
import { readScheduleItem, type ScheduleItem } from '../ledger/schedule-item.js';
import { joinEveryMs, joinLedger } from '../ledger/schema.js';
import { createTargetHistory } from '../ledger/target-history.js';
import { systemClock } from '../lib/clock.js';
import { InputError, messageOf } from '../lib/errors.js';
import type { Logger } from '../lib/logger.js';
import { createMetrics } from '../lib/metrics.js';
import { loadShortcuts } from '../monitoring/shortcuts.js';
import { connectForWork } from '../queue/connection.js';
import { createQueues } from '../queue/queues.js';
import { leaveToWatcher } from '../queue/watch-connection.js';
import { createWorkers } from '../queue/workers.js';
import { createMessenger } from '../slack/messenger.js';
import { clientWatches, createClients } from './clients.js';
import type { Config } from './config.js';
import { auditConnection, type Connection, checkConnections } from './connections.js';
import { ownSecrets } from './own-secrets.js';
import { loadOwn } from './playbooks.js';
import { repeat } from './repeat.js';

/** How often a worker asks whether it is its turn for what the cell does once in a while. */
const turnEveryMs = 5_000;
/** What one call of a target's API may take. */
const targetTimeoutMs = 8_000;
const sweepEveryMs = 2_000;
const putBackEveryMs = 10_000;
const trimEveryMs = 600_000;
/** How long a person who names a target waits for the lists of targets. */
const fitWithinMs = 3_000;
const readFleetEveryMs = 120_000;
const lookAtTargetsEveryMs = 30_000;
/** How long a stop waits for Redis to answer, and for jobs when it does not. */
const pingMs = 1_000;
const drainWithoutRedisMs = 2_000;

/**
 * Starts the half that acts: works off the queues, decides, changes targets and writes to Slack.
 *
 * @param onDeath is called when it must not go on: the ledger is not for this version any more.
 * @throws InputError when the playbooks or the ledger cannot be used.
 */
export async function startWorker({
  config,
  redisUrl,
  markerDir,
  log,
  onDeath,
}: {
  readonly config: Config;
  readonly redisUrl: string;
  readonly markerDir: string | undefined;
  readonly log: Logger;
  readonly onDeath: (error: Error) => void;
}) {
  const { cell } = config;
  const clock = systemClock;
  const metrics = createMetrics();
  const clients = createClients(config);
  const { slack, cluster } = clients;
  const { workerAsg } = config;
  const secrets = ownSecrets(config);
  const { actions, counts, connected } = await connectAll(config.integrations, {
    timeoutMs: targetTimeoutMs,
    hosts: () => active().policy.http.hosts,
    secrets: () => secrets,
    history: { of: (system, scope) => targetHistory.of(system, scope) },
    log,
  });
  const check = createPlaybookChecker(actions);
  const own = await loadOwn(config, check);
  const shortcuts = loadShortcuts(config.monitoring.shortcuts);

  const redis = connectForWork(redisUrl, cell);
  const connection = connectForWork(redisUrl, cell);
  for (const client of [redis, connection]) leaveToWatcher(client);
  await Promise.all([redis.connect(), connection.connect()]);
  const clockWatch = createClockWatch({ redis, clock, log });
  await clockWatch.refuse();
  const fence = createFence({ clock });
  const ledger = createLedger({ redis, cell, fence });
  const targetHistory = createTargetHistory({ ledger, clock });
  const queues = createQueues({ connection: redis, cell, log });
  const waker = createWaker({ enqueue: queues.enqueueItem, log });
  const { wake, place } = waker;
  await joinLedger({ ledger, clock });
  const set = createActiveSet({ ledger, check, own, clock, log });
  const { active } = set;
  const restoreWatch = createRestoreWatch({
    ledger: createLedger({ redis, cell }),
    clock,
    fence,
    restoreMarker:
      markerDir === undefined ? undefined : createRestoreMarker({ dir: markerDir, cell }),
    channel: () => active().policy.escalate.channel,
    onReplaced: () => set.publishAgain(),
    wake,
    log,
  });
  await restoreWatch.look();
  await set.publish(own, 'start');
  const { sealing: key, find } = auditKeys(config.auditKeys);
  const sealer = key && createAuditSealer({ ledger, key, find });
  const trimAudit =
    sealer?.trim ?? ((nowMs: number, keepMs: number) => trimUnsealed(ledger, nowMs, keepMs));
  const fleet = createFleet({
    counts,
    clock,
    log,
  });
  // only a share of the fleet needs its size
  const readFleet = async () => {
    if (active().policy.blastRadius.share !== null) await fleet.read();
  };
  await readFleet();
  const context: RedisContext = {
    ledger,
    actions,
    active,
    workerAsg,
    offerSuggestion: (run) => offerSuggestion(context, run),
    fleetSize: fleet.size,
    ledgerBeganMs: restoreWatch.beganMs,
    cluster,
    wake,
    place,
    clock,
    metrics,
    log,
  };
  const engine = createEngine(context);
  const monitoring = createMonitoringPublisher({
    ...{ ledger, shortcuts, metrics, clock, log },
    targets: config.monitoring,
    prometheuses: clients.prometheuses,
    report: (unreadable) => reportInvalidMonitoring(context, unreadable),
  });
  const { port: dockerFlowPort, announcements } = config.dockerFlow;
  const announces = dockerFlowPort !== undefined || countReceivers(announcements) > 0;
  const announcer = announces
    ? createAnnouncer({ ledger, settings: announcements, metrics, clock, log })
    : undefined;
  const targetWatch = createTargetWatch([...connected, ...clientWatches(clients)], {
    report: (unreadable) => reportUnreadable(context, unreadable),
    describe: monitoring.take,
    ...(announcer && { announce: announcer.take }),
    history: targetHistory,
    async isOver(runId) {
      const run = await ledger.run(runId);
      return run === null ? undefined : run.value.state === 'ended';
    },
    metrics,
    clock,
    log,
  });
  const firstLook = targetWatch.look();
  const history = createHistory(ledger);
  const recorder = createRecorder({ history, active, clock, metrics, log });
  const takeFound = recorder.recording(engine.takeAll, 'reconciliation');
  const reconcile =
    cluster && createReconciler({ context, cluster, take: (received) => takeFound([received]) });
  const closeOld = () => closeStale(context, cluster === undefined ? 'all' : 'unlisted');
  const messenger = createMessenger({
    ledger,
    slack,
    suggest: async (labels, escalation) => {
      const { unverifiable, caseId } = escalation;
      const { policy, jobOffers } = active();
      const { bounds } = policy;
      // a command is not in Alertmanager, nor is a fault of our own, nor an alert of Grafana
      const isThere = unverifiable !== true && labels.alertname !== undefined;
      const canSilence =
        cluster !== undefined && isThere && (await isInAlertmanager(ledger, caseId));
      const first = await undoChoices(ledger, escalation);
      const { runs } = await readPrecedents(ledger, labels, caseId);
      const isWanted = (size: Choice) => isAboutSize(escalation) || hasHelped(size, runs);
      const jobs = jobOffers?.matching(labels) ?? [];
      const { annotations } = escalation;
      const offered = { jobs, annotations, isWanted };
      const wanted = { actions, labels, workerAsg, bounds, canSilence, first, ...offered };
      const { choices, note } = await suggestChoices(wanted);
      const others = choices.filter((choice) => !first.includes(choice));
      return { choices: [...first, ...rankChoices(others, runs)], note };
    },
    remindAt: (escalation) => remindAt(context, escalation, clock.now()),
    defaultChannel: config.slack.channel,
    consoleUrl: config.externalUrl,
    severity: () => active().policy.severity,
    clock,
    wake,
    metrics,
    log,
  });
  if (slack !== undefined) await messenger.catchUp();
  const takeAll = recorder.recording(engine.takeAll, 'webhook');
  const evidence = createEvidenceGatherer({
    ledger,
    prometheuses: clients.prometheuses,
    sources: connected.flatMap((one) => one.evidence ?? []),
    logs: () => active().policy.evidence.logs,
    secrets,
    wake,
    clock,
    log,
  });
  const lookAtMessage = async (item: ScheduleItem) => {
    await messenger.look(item);
    const { kind, id } = readScheduleItem(item);
    if (kind === 'message') await evidence.begin(id);
  };
  const workers = createWorkers({
    connection,
    cell,
    log,
    handlers: {
      notifications: takeAll,
      apart: queues.enqueueApart,
      item: engine.look,
      message: lookAtMessage,
      evidence: evidence.look,
      notificationFailed: engine.takeFailed,
      itemFailed: engine.lookFailed,
    },
  });
  waker.open(engine.look);
  const mode = () => active().policy.notify.alertmanager;
  const onError = (error: unknown) => {
    if (!isFenced(error)) log.warn({ fault: messageOf(error) }, 'periodic task failed');
  };
  const onFatalError = (error: unknown) =>
    error instanceof InputError ? onDeath(error) : onError(error);
  const upkeep = [
    repeat(engine.sweep, sweepEveryMs, onError),
    repeat(readFleet, readFleetEveryMs, onError),
    repeat(targetWatch.look, lookAtTargetsEveryMs, onError),
    repeat(monitoring.look, keepEveryMs, onError),
    ...(announcer ? [repeat(announcer.look, announceEveryMs, onError)] : []),
    repeat(queues.putBack, putBackEveryMs, onError),
    repeat(() => joinLedger({ ledger, clock }), joinEveryMs, onFatalError),
    repeat(restoreWatch.look, markEveryMs, onError),
    repeat(clockWatch.look, markEveryMs, onError),
    repeat(set.follow, followEveryMs, onError),
    repeat(() => ledger.trim(clock.now()), trimEveryMs, onError),
    ...(reconcile === undefined ? [] : [repeat(reconcile, turnEveryMs, onError)]),
    repeat(closeOld, turnEveryMs, onError),
    repeat(createWatchdog(context), turnEveryMs, onError),
    repeat(createUndeliveredAlarm({ ledger, cluster, mode, clock, log }), turnEveryMs, onError),
    repeat(
      createAlertmanagerNotifier({
        ledger,
        cluster,
        mode,
        consoleUrl: config.externalUrl,
        evidenceOf: (ids) => readInWords(ledger, ids),
        clock,
        log,
      }),
      turnEveryMs,
      onError,
    ),
    repeat(createResultPoster({ context, cluster }), turnEveryMs, onError),
    ...(sealer ? [repeat(() => sealer.sealNew(clock.now()), sealEveryMs, onError)] : []),
    repeat(() => trimAudit(clock.now(), active().policy.audit.keepMs), trimEveryMs, onError),
    repeat(() => history.pack(), packEveryMs, onError),
    repeat(recorder.trim, trimEveryMs, onError),
    repeat(() => countAlerts(context), turnEveryMs, onError),
  ];

  /** Tries every connection that acting needs. */
  async function connections(): Promise<readonly Connection[]> {
    const outside = await checkConnections({ config, connected, ...clients });
    return [...outside, auditConnection(config)];
  }

  const targetFit = createTargetFit({
    lists: connected.flatMap(({ lists }) => lists),
    timeoutMs: fitWithinMs,
  });

  /** Takes over the active playbooks. Never throws: what fails now is done soon. */
  async function follow(): Promise<void> {
    await set.follow().catch(onError);
  }

  /** Finishes the jobs in work, for at most `withinMs`; without Redis none can be finished. */
  async function stop(withinMs: number): Promise<void> {
    const drainMs = (await redisAnswers()) ? withinMs : Math.min(withinMs, drainWithoutRedisMs);
    const upkeepEnded = Promise.all(upkeep.map((end) => end()));
    const announced = upkeepEnded.then(() => announcer?.stop()).catch(onError);
    const ended = Promise.all([firstLook, announced, targetWatch.stop()]);
    await Promise.all([
      workers.close(drainMs),
      waker.close(drainMs),
      Promise.race([ended, sleep(drainMs, undefined, { ref: false })]),
    ]);
    redis.disconnect();
    connection.disconnect();
  }

  async function redisAnswers(): Promise<boolean> {
    if (redis.status !== 'ready') return false;
    const pong = redis.ping().then(
      () => true,
      () => false,
    );
    return Promise.race([pong, sleep(pingMs, false, { ref: false })]);
  }

  /** Says what would be done about alerts, with the very parts that would do it. */
  const explain = (question: Question) => explainAlerts(context, question);

  return {
    metrics,
    own,
    check,
    set,
    connections,
    targets: targetWatch.checks,
    targetFit,
    follow,
    explain,
    stop,
  };
}
