import { createOfflineRegistry } from '../action/offline-registry.js';
import { systemClock } from '../clock.js';
import { createConsole } from '../console/console.js';
import { createLive } from '../console/live.js';
import type { ConsoleParts } from '../console/parts.js';
import { createActiveSet, followEveryMs } from '../engine/active-set.js';
import type { Question } from '../engine/explain/question.js';
import { createPlaybookChecker } from '../engine/own-playbooks.js';
import { lookEveryMs } from '../engine/reload.js';
import { InputError, messageOf } from '../errors.js';
import { createPauses } from '../guard/pauses.js';
import { createResets } from '../guard/resets.js';
import { remoteAddress } from '../http/remote-address.js';
import { createLedger, type Ledger } from '../ledger/ledger.js';
import { isConnectionLost } from '../ledger/redis-fault.js';
import { checkLedger, joinEveryMs } from '../ledger/schema.js';
import { createMetrics } from '../metrics.js';
import { connectForRequests, connectForWork } from '../queue/connection.js';
import { createQueues } from '../queue/queues.js';
import { leaveToWatcher, watchConnection } from '../queue/watch-connection.js';
import { createReceiver, type ReceiverParts } from '../receiver/receiver.js';
import { createActingElsewhere } from './acting-elsewhere.js';
import type { App, AppOptions } from './app.js';
import type { Connection } from './connections.js';
import { createConsoleHealth } from './console-health.js';
import { createDecisions } from './decisions.js';
import { createGauges } from './gauges.js';
import { createHandOver } from './hand-over.js';
import { createLessons } from './lessons.js';
import { listen } from './listen.js';
import { createMetricsText } from './metrics-text.js';
import { loadOwn, playbooksDetail } from './playbooks.js';
import { createReadiness } from './readiness.js';
import { checkRedis, connectFirst } from './redis.js';
import { createReload } from './reload.js';
import { repeat } from './repeat.js';
import { createSite } from './site.js';
import type { ActingThread } from './thread.js';
import { createUndo } from './undo.js';

/** How long jobs in work may take to finish at a stop. */
const drainMs = 20_000;
/**
 * Starts the half that receives: HTTP, the console, and people's clicks.
 *
 * @param options.thread the acting half of this process, which has not begun; left out, workers elsewhere act
 * @throws InputError for playbooks that cannot be used; whatever listening or Redis throws.
 */
export async function startReceiving({
  config,
  redisUrl,
  log,
  onDeath,
  thread,
}: AppOptions & { readonly thread: ActingThread | undefined }): Promise<App> {
  const { cell } = config;
  const clock = systemClock;
  const metrics = createMetrics();
  const undo = createUndo(log);
  const complain = (error: unknown) => {
    if (!isConnectionLost(error)) log.warn({ fault: messageOf(error) }, 'upkeep');
  };

  try {
    // The receiver shows the playbooks and never acts: its actions have no one to talk to.
    const actions = createOfflineRegistry();
    const check = createPlaybookChecker(actions);
    const redis = connectForRequests(redisUrl, cell);
    undo.push(() => redis.disconnect());
    undo.push(() => thread?.stop(drainMs));
    const usable = connectFirst(redis, redisUrl, cell).then(() => checkRedis(redis, redisUrl));
    const [own, redisConnection] = await Promise.all([
      loadOwn(config, check),
      usable,
      usable.then(() => thread?.begin(redisUrl)),
    ]);
    watchConnection({ redis, clock, log });
    const ledger = createLedger({ redis, cell });
    // an acting half looks for itself
    if (thread === undefined) undo.push(await keepToLedger(ledger));
    const acting = thread ?? createActingElsewhere(ledger);
    const set = createActiveSet({
      ledger,
      check,
      own,
      clock,
      log,
    });
    const { active } = set;
    undo.push(repeat(set.follow, followEveryMs, complain));
    const handOver = thread && createHandOver(thread);
    const queues = createQueues({ connection: redis, cell, handOver, log });
    const collect = createGauges({ ledger, queues, metrics, clock });
    const reloading = createReload({ config, own, check, set, acting, clock, metrics, log });
    undo.push(reloading.stop, repeat(reloading.look, lookEveryMs, complain));

    const explain = async (question: Question) => {
      // the acting half would wait for a Redis that is away, and whoever asks with it
      await redis.ping();
      return acting.explain(question);
    };
    // An answer that is in the ledger counts: what should be woken for it is on the agenda too.
    const wake = wakeIfPossible;
    const learning = createLessons({
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
    await lessons.catchUp().catch(complain);
    const { answer, takeInteraction, socket } = createDecisions({
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
      ledger,
      clock,
      acting: acting.check,
      playbooks: set.describe,
      others: () => ({
        reload: reloading.check(),
        ...(socket === undefined ? {} : { slack_socket: socket.state() }),
      }),
    });
    const metricsText = createMetricsText({
      metrics,
      collect: async () => {
        if (socket !== undefined) metrics.slackSocketUp.set(socket.state().ok ? 1 : 0);
        await collect();
      },
      acting: acting.metrics,
    });

    // what people may do over the API and on the console
    const people: Pick<ReceiverParts, keyof ReceiverParts & keyof ConsoleParts> = {
      ledger,
      answer,
      explain,
      pauses: createPauses({ ledger, clock }),
      resets: createResets({ ledger, clock, wake: wakeIfPossible }),
      metrics,
      active,
      adminToken: config.adminToken,
      viewerToken: config.viewerToken,
      clock,
      log,
    };
    const intake = {
      enqueuePosted: queues.enqueuePosted,
      webhookToken: config.webhookToken,
      metrics,
      clock,
      log,
    };
    const receiver = createReceiver({
      ...people,
      ...intake,
      enqueue: queues.enqueue,
      takeInteraction,
      readiness,
      reload: () => reloading.reload('POST /-/reload'),
      metricsText,
      slackSigningSecret: config.slack.signingSecret,
    });
    const watching = connectForWork(redisUrl, cell);
    leaveToWatcher(watching);
    const live = createLive({ redis: watching, stream: ledger.keys.audit, log });
    const health = createConsoleHealth({
      readiness,
      connections: acting.connections,
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
    const site = createSite({ console, receiver, ...intake });
    const { url, close } = await listen(site, config, log);
    undo.push(() => Promise.all([close(), acting.stop(drainMs)]), live.stop);
    if (socket !== undefined) {
      socket.start();
      undo.push(() => socket.stop());
    }

    const connections: readonly Connection[] = [
      redisConnection,
      ...(await acting.connections()),
      {
        name: 'Playbooks',
        state: 'loaded',
        detail: playbooksDetail(own, config),
      },
    ];
    const reload = async () => {
      await reloading.reload('SIGHUP').catch(complain);
    };
    return { url, connections, reload, stop: undo.run };

    /** Ends the engine if the ledger is not for this version, now or later. */
    async function keepToLedger(ledger: Ledger): Promise<() => Promise<void>> {
      await checkLedger(ledger);
      return repeat(
        () => checkLedger(ledger),
        joinEveryMs,
        (error) => {
          if (error instanceof InputError) onDeath(error);
          else complain(error);
        },
      );
    }

    async function wakeIfPossible(item: string, atMs: number): Promise<void> {
      await queues.wake(item, atMs).catch((error: unknown) => {
        log.warn({ item, fault: messageOf(error) }, 'the sweep will find it');
      });
    }
  } catch (error) {
    await undo.run();
    throw error;
  }
}
