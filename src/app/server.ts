import type { Posted, Received } from '../alertmanager/received.js';
import { createDockerFlow } from '../api/docker-flow.js';
import { createReceiver, type ReceiverParts } from '../api/receiver.js';
import { createConsole } from '../console/console.js';
import { createLive } from '../console/live.js';
import type { ConsoleParts } from '../console/parts.js';
import { createRunPlaybook } from '../engine/commands/run-playbook.js';
import type { Question } from '../engine/explain/question.js';
import { createActiveSet, followEveryMs } from '../engine/playbook-set/active-set.js';
import { createPlaybookChecker } from '../engine/playbook-set/playbook-checker.js';
import { lookEveryMs } from '../engine/playbook-set/reload.js';
import { createServiceList } from '../engine/proof/service-list.js';
import { createPauses } from '../guard/pauses.js';
import { createResets } from '../guard/resets.js';
import { createOfflineRegistry } from '../integrations/offline-registry.js';
import { beginLedger } from '../ledger/begin-ledger.js';
import { clockSkewMs } from '../ledger/clock-skew.js';
import { createLedger, type Ledger } from '../ledger/ledger.js';
import { isConnectionLost } from '../ledger/redis-fault.js';
import type { ScheduleItem } from '../ledger/schedule-item.js';
import { checkLedger, joinEveryMs } from '../ledger/schema.js';
import { systemClock } from '../lib/clock.js';
import { InputError, messageOf } from '../lib/errors.js';
import { remoteAddress } from '../lib/http/remote-address.js';
import { createMetrics } from '../lib/metrics.js';
import { connectForRequests, connectForWork } from '../queue/connection.js';
import { probeRedis } from '../queue/probe.js';
import { createQueues } from '../queue/queues.js';
import { createQueueWatch, lookAtQueuesEveryMs } from '../queue/stuck.js';
import { leaveToWatcher, watchConnection } from '../queue/watch-connection.js';
import type { App, AppOptions } from './app-options.js';
import type { Connection } from './connections.js';
import { createConsoleHealth } from './console-health.js';
import { createDecisions } from './decisions.js';
import { dockerFlowConnection, listenForDockerFlow } from './docker-flow.js';
import { createGauges } from './gauges.js';
import { createHttpServer } from './http-server.js';
import { createPlaybookSuggestions } from './lessons.js';
import { listen } from './listen.js';
import { createMetricsText } from './metrics-text.js';
import { loadOwn, playbooksDetail } from './playbooks.js';
import { exportProcess } from './process-metrics.js';
import { createConfiguredProver } from './prover.js';
import { createReadiness } from './readiness.js';
import { checkRedis, connectFirst, requireWork } from './redis.js';
import { createReload } from './reload.js';
import { createRemoteWorker } from './remote-worker.js';
import { repeat } from './repeat.js';
import { createShutdownStack } from './shutdown-stack.js';
import type { WorkerThread } from './start-worker-thread.js';

/** How long jobs in work may take to finish at a stop. */
const drainMs = 20_000;
/**
 * Starts the half that receives: HTTP, the console, and people's clicks.
 *
 * @param options.thread the worker thread of this process, which has not begun; left out, workers elsewhere act
 * @throws InputError for playbooks that cannot be used; whatever listening or Redis throws.
 */
export async function startServer({
  config,
  redisUrl,
  log,
  onDeath,
  thread,
}: AppOptions & { readonly thread: WorkerThread | undefined }): Promise<App> {
  const { cell } = config;
  const clock = systemClock;
  const metrics = createMetrics();
  exportProcess(metrics);
  const undo = createShutdownStack(log);
  const onError = (error: unknown) => {
    if (!isConnectionLost(error)) log.warn({ fault: messageOf(error) }, 'periodic task failed');
  };

  try {
    // The receiver shows the playbooks and never acts: its actions have no one to talk to.
    const actions = createOfflineRegistry();
    const check = createPlaybookChecker(actions);
    const redis = connectForRequests(redisUrl, cell);
    undo.push(() => redis.disconnect());
    undo.push(() => thread?.stop(drainMs));
    const needs = { cell, reads: thread !== undefined };
    const usable = connectFirst(redis, redisUrl, cell).then(async () => {
      const connection = await checkRedis(redis, redisUrl);
      await requireWork(redis, redisUrl, needs);
      return connection;
    });
    const [own, redisConnection] = await Promise.all([
      loadOwn(config, check),
      usable,
      usable.then(() => thread?.begin(redisUrl)),
    ]);
    watchConnection({ redis, clock, log });
    const ledger = createLedger({ redis, cell });
    // a worker looks for itself
    if (thread === undefined) undo.push(await keepToLedger(ledger));
    const worker = thread ?? createRemoteWorker(ledger);
    const set = createActiveSet({
      ledger,
      check,
      own,
      clock,
      log,
    });
    const { active } = set;
    undo.push(repeat(set.follow, followEveryMs, onError));
    const queues = createQueues({ connection: redis, cell, log });
    const watch = createQueueWatch({ redis, cell });
    undo.push(repeat(watch.look, lookAtQueuesEveryMs, onError));
    const probe = () => probeRedis(redis, needs);
    const collect = createGauges({ ledger, queues, probe, watch, metrics, clock });
    const reloading = createReload({ config, own, check, set, worker, clock, metrics, log });
    undo.push(repeat(reloading.look, lookEveryMs, onError), reloading.stop);

    const explain = async (question: Question) => {
      // the worker would wait for a Redis that is away, and anyone who asks with it
      await redis.ping();
      return worker.explain(question);
    };
    // An answer that is in the ledger counts: what should be woken for it is on the schedule too.
    const wake = wakeIfPossible;
    const learning = createPlaybookSuggestions({
      config,
      redisUrl,
      ledger,
      actions,
      reload: () => reloading.reload('lesson'),
      clock,
      wake,
      log,
    });
    undo.push(learning.stop);
    const { lessons } = learning;
    await lessons.catchUp().catch(onError);
    const { answer, cancel, takeInteraction, socket } = createDecisions({
      config,
      ledger,
      active,
      wake,
      explain,
      lessons,
      clock,
      log,
    });

    const readiness = createReadiness({
      probe,
      clockSkew: () => clockSkewMs(redis, clock),
      queues: watch,
      askWorker: worker.check,
      playbooks: set.describe,
      others: async () => ({
        reload: reloading.check(),
        ...(socket === undefined ? {} : { slack_socket: socket.state() }),
        ...(await worker.targets()),
      }),
    });
    const metricsText = createMetricsText({
      metrics,
      collect: async () => {
        if (socket !== undefined) metrics.slackSocketUp.set(socket.state().ok ? 1 : 0);
        await collect();
      },
      worker: worker.metrics,
    });

    const enqueue = async (received: Received) => {
      watch.refuseIfStuck();
      await queues.enqueue(received);
    };
    // what people may do over the API and on the console
    const people: Pick<ReceiverParts, keyof ReceiverParts & keyof ConsoleParts> = {
      ledger,
      answer,
      cancel,
      runPlaybook: createRunPlaybook({
        enqueue,
        ledger,
        active,
        workerAsg: config.workerAsg,
        clock,
      }),
      explain,
      services: createServiceList({
        ledger,
        prove: createConfiguredProver(config, { explain, clock }),
      }),
      pauses: createPauses({ ledger, clock }),
      resets: createResets({ ledger, clock, wake: wakeIfPossible }),
      metrics,
      active,
      adminToken: config.adminToken,
      facing: config.facing,
      viewerToken: config.viewerToken,
      clock,
      log,
    };
    const intake = {
      enqueuePosted: async (posted: Posted) => {
        watch.refuseIfStuck();
        await queues.enqueuePosted(posted);
      },
      webhookToken: config.webhookToken,
      metrics,
      clock,
      log,
    };
    const receiver = createReceiver({
      ...people,
      ...intake,
      enqueue,
      takeInteraction,
      targetFit: worker.targetFit,
      readiness,
      reload: () => reloading.reload('POST /-/reload'),
      metricsText,
      slackSigningSecret: config.slack.signingSecret,
      externalUrl: config.externalUrl,
    });
    const watching = connectForWork(redisUrl, cell);
    leaveToWatcher(watching);
    const live = createLive({ redis: watching, stream: ledger.keys.audit, log });
    const health = createConsoleHealth({
      readiness,
      connections: worker.connections,
      clock,
    });
    const console = createConsole({
      cell,
      ...people,
      active,
      workerAsg: config.workerAsg,
      health,
      live,
      addressOf: remoteAddress,
    });
    const site = createHttpServer({ console, receiver, ...intake });
    const { url, close } = await listen(site, config, log);
    undo.push(() => Promise.all([close(), worker.stop(drainMs)]), live.stop);
    const dockerFlow = await listenForDockerFlow({
      site: createDockerFlow({ ledger, clock }),
      config,
      log,
    });
    if (dockerFlow !== undefined) undo.push(dockerFlow.close);
    if (socket !== undefined) {
      socket.start();
      undo.push(() => socket.stop());
    }

    const connections: readonly Connection[] = [
      redisConnection,
      ...(await worker.connections()),
      ...dockerFlowConnection(config, dockerFlow?.url),
      {
        name: 'Playbooks',
        state: 'loaded',
        detail: playbooksDetail(own, config),
      },
    ];
    const reload = async () => {
      await reloading.reload('SIGHUP').catch(onError);
    };
    const releaseLog = () => thread?.releaseLog();
    return { url, connections, reload, releaseLog, stop: undo.run };

    /** Ends the engine if the ledger is not for this version, now or later. */
    async function keepToLedger(ledger: Ledger): Promise<() => Promise<void>> {
      await checkLedger(ledger);
      // what is received from now on began after the ledger did, though no worker was here yet
      await beginLedger(ledger, clock.now());
      return repeat(
        () => checkLedger(ledger),
        joinEveryMs,
        (error) => {
          if (error instanceof InputError) onDeath(error);
          else onError(error);
        },
      );
    }

    async function wakeIfPossible(item: ScheduleItem, atMs: number): Promise<void> {
      await queues.enqueueItem(item, atMs).catch((error: unknown) => {
        log.warn({ item, fault: messageOf(error) }, 'item not woken: the next sweep takes it');
      });
    }
  } catch (error) {
    await undo.run();
    throw error;
  }
}
