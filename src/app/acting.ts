import { setTimeout as sleep } from 'node:timers/promises';
import { createRegistry } from '../action/registry.js';
import { systemClock } from '../clock.js';
import type { Config } from '../config.js';
import { createActiveSet, followEveryMs } from '../engine/active-set.js';
import { countAlerts } from '../engine/count-alerts.js';
import { createEngine } from '../engine/engine.js';
import { explainAlerts } from '../engine/explain/explain.js';
import type { Question } from '../engine/explain/question.js';
import { createPlaybookChecker } from '../engine/own-playbooks.js';
import { createReconciler } from '../engine/reconcile.js';
import { createRecorder } from '../engine/recorder.js';
import { remindAt } from '../engine/reminder.js';
import { createRestoreWatch, markEveryMs } from '../engine/restore-watch.js';
import { createServiceWatch } from '../engine/service-watch.js';
import { closeStale } from '../engine/stale.js';
import { createSwarmWatch } from '../engine/swarm-watch.js';
import { createWatchdog } from '../engine/watchdog.js';
import { InputError, messageOf } from '../errors.js';
import { createMessenger } from '../escalation/messenger.js';
import { suggestChoices } from '../escalation/suggest.js';
import { createUndeliveredAlarm } from '../escalation/undelivered.js';
import { makeAuditKeys } from '../ledger/audit-key.js';
import { createAuditSealer, sealEveryMs } from '../ledger/audit-sealer.js';
import { createHistory, packEveryMs } from '../ledger/history.js';
import { createLedger } from '../ledger/ledger.js';
import { joinEveryMs, joinLedger } from '../ledger/schema.js';
import { createWitness } from '../local/witness.js';
import type { Logger } from '../logger.js';
import { createMetrics } from '../metrics.js';
import { connectForWork } from '../queue/connection.js';
import { createEarly } from '../queue/early.js';
import { createQueues } from '../queue/queues.js';
import { createShortWay } from '../queue/short-way.js';
import { leaveToWatcher } from '../queue/watch-connection.js';
import { createWorkers } from '../queue/workers.js';
import { createFleet } from '../target/fleet.js';
import { createHttp } from '../target/http.js';
import { createSwarmView, type SwarmView } from '../target/swarm-view.js';
import { createClients } from './clients.js';
import { auditConnection, type Connection, checkConnections } from './connections.js';
import { loadOwn } from './playbooks.js';
import { repeat } from './repeat.js';

/** How often a worker asks whether it is its turn for what the cell does once in a while. */
const turnEveryMs = 5_000;
const sweepEveryMs = 2_000;
const putBackEveryMs = 10_000;
const trimEveryMs = 600_000;
const readFleetEveryMs = 120_000;
const lookAtSwarmEveryMs = 30_000;
/** How long a stop waits for Redis to answer, and for jobs when it does not. */
const pingMs = 1_000;
const drainWithoutRedisMs = 2_000;

/**
 * Starts the half that acts: works off the queues, decides, changes targets and writes to Slack.
 *
 * @param onDeath is called when it must not go on: the ledger is not for this version any more.
 * @throws InputError when the playbooks or the ledger cannot be used.
 */
export async function startActing({
  config,
  redisUrl,
  witnessDir,
  log,
  onDeath,
}: {
  readonly config: Config;
  readonly redisUrl: string;
  readonly witnessDir: string | undefined;
  readonly log: Logger;
  readonly onDeath: (error: Error) => void;
}) {
  const { cell } = config;
  const clock = systemClock;
  const metrics = createMetrics();
  const clients = createClients(config);
  const { swarm, nodes, autoScaling, ec2, slack, cluster } = clients;
  const { workerAsg } = config;
  const http = createHttp({
    hosts: () => active().policy.http.hosts,
    credentials: config.httpCredentials,
  });
  const actions = createRegistry({ swarm, nodes, autoScaling, ec2, http, workerAsg });
  const check = createPlaybookChecker(actions);
  const own = await loadOwn(config, check);

  const redis = connectForWork(redisUrl, cell);
  const connection = connectForWork(redisUrl, cell);
  for (const client of [redis, connection]) leaveToWatcher(client);
  await Promise.all([redis.connect(), connection.connect()]);
  const ledger = createLedger({ redis, cell });
  const queues = createQueues({ connection: redis, cell, log });
  const shortWay = createShortWay({ wake: queues.wake, log });
  const { wake, place } = shortWay;
  await joinLedger({ ledger, clock });
  const set = createActiveSet({ ledger, check, own, clock, log });
  await set.publish(own, 'start');
  const { active } = set;
  const restoreWatch = createRestoreWatch({
    ledger,
    clock,
    witness: witnessDir === undefined ? undefined : createWitness({ dir: witnessDir, cell }),
    channel: () => active().policy.escalate.channel,
    wake,
    log,
  });
  await restoreWatch.look();
  const auditKeys = await makeAuditKeys(ledger, config.auditKeys);
  const sealer = createAuditSealer({ ledger, keys: auditKeys });
  let view: SwarmView | undefined;
  const fleet = createFleet({
    counts: {
      'swarm.service': async () => view?.count() ?? (await swarm.countServices()),
      // all services of a label count as one, of as many as there are services
      'swarm.services': async () => view?.count() ?? (await swarm.countServices()),
      'swarm.node': async () => (await nodes.nodes()).length,
      ...(config.awsRegion === undefined ? {} : { asg: autoScaling.countGroups }),
    },
    clock,
    log,
  });
  // only a share of the fleet needs its size
  const readFleet = async () => {
    if (active().policy.blastRadius.share !== null) await fleet.read();
  };
  await readFleet();
  const parts = {
    ledger,
    actions,
    active,
    workerAsg,
    teaches: true as const,
    fleetSize: fleet.size,
    cluster,
    wake,
    place,
    clock,
    metrics,
    log,
  };
  const engine = createEngine(parts);
  view = createSwarmView({ swarm, clock, log, onSeen: createServiceWatch(parts) });
  const history = createHistory(ledger);
  const recorder = createRecorder({ history, active, clock, metrics, log });
  const takeFound = recorder.recording(engine.takeAll, 'reconciliation');
  const reconcile =
    cluster === undefined
      ? () => closeStale(parts)
      : createReconciler({
          parts,
          cluster,
          take: (received) => takeFound([received]),
        });
  const messenger = createMessenger({
    ledger,
    slack,
    suggest: (labels, { unverifiable }) => {
      const { bounds } = active().policy;
      // a command is not in Alertmanager, nor is a fault of our own
      const isThere = unverifiable !== true && labels.alertname !== undefined;
      const canSilence = cluster !== undefined && isThere;
      return suggestChoices({ actions, labels, workerAsg, bounds, canSilence });
    },
    remindAt: (escalation) => remindAt(parts, escalation, clock.now()),
    defaultChannel: config.slack.channel,
    consoleUrl: config.externalUrl,
    clock,
    wake,
    metrics,
    log,
  });
  if (slack !== undefined) await messenger.catchUp();
  const takeAll = recorder.recording(engine.takeAll, 'webhook');
  const early = createEarly({ takeAll, isConnected: () => redis.status === 'ready', log });
  const workers = createWorkers({
    connection,
    cell,
    log,
    handlers: {
      notifications: early.takeOfQueue,
      apart: queues.enqueueApart,
      item: engine.look,
      message: messenger.look,
      notificationFailed: engine.takeFailed,
      itemFailed: engine.lookFailed,
    },
  });
  shortWay.open(engine.look);
  const complain = (error: unknown) => log.warn({ fault: messageOf(error) }, 'upkeep');
  const endOrComplain = (error: unknown) =>
    error instanceof InputError ? onDeath(error) : complain(error);
  const upkeep = [
    repeat(engine.sweep, sweepEveryMs, complain),
    repeat(readFleet, readFleetEveryMs, complain),
    repeat(createSwarmWatch({ swarm, nodes, metrics, log }), lookAtSwarmEveryMs, complain),
    repeat(queues.putBack, putBackEveryMs, complain),
    repeat(() => joinLedger({ ledger, clock }), joinEveryMs, endOrComplain),
    repeat(restoreWatch.look, markEveryMs, complain),
    repeat(set.follow, followEveryMs, complain),
    repeat(() => ledger.trim(clock.now()), trimEveryMs, complain),
    repeat(reconcile, turnEveryMs, complain),
    repeat(createWatchdog(parts), turnEveryMs, complain),
    repeat(createUndeliveredAlarm({ ledger, cluster, clock, log }), turnEveryMs, complain),
    repeat(() => sealer.sealNew(clock.now()), sealEveryMs, complain),
    repeat(() => sealer.trim(clock.now(), active().policy.audit.keepMs), trimEveryMs, complain),
    repeat(() => history.pack(), packEveryMs, complain),
    repeat(recorder.trim, trimEveryMs, complain),
    repeat(() => countAlerts(parts), turnEveryMs, complain),
  ];

  /** Tries every connection that acting needs. */
  async function connections(): Promise<readonly Connection[]> {
    const outside = await checkConnections({ config, ...clients });
    return [...outside, auditConnection(auditKeys.sealing.isKept)];
  }

  /** Takes over the active playbooks. Never throws: what fails now is done soon. */
  async function follow(): Promise<void> {
    await set.follow().catch(complain);
  }

  /** Finishes the jobs in work, for at most `withinMs`; without Redis none can be finished. */
  async function stop(withinMs: number): Promise<void> {
    const drainMs = (await redisAnswers()) ? withinMs : Math.min(withinMs, drainWithoutRedisMs);
    const ended = Promise.all([...upkeep.map((end) => end()), view?.stop()]);
    await Promise.all([
      workers.close(drainMs),
      shortWay.close(drainMs),
      early.close(drainMs),
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
  const explain = (question: Question) => explainAlerts(parts, question);

  return { metrics, own, check, set, connections, follow, explain, take: early.take, stop };
}
