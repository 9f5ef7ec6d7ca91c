import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { AggregatorRegistry } from 'prom-client';
import { createOfflineRegistry } from '../action/offline-registry.js';
import { systemClock } from '../clock.js';
import type { Config } from '../config.js';
import { createConsole } from '../console/console.js';
import { createLive } from '../console/live.js';
import type { ConsoleParts } from '../console/parts.js';
import { createActiveSet, followEveryMs } from '../engine/active-set.js';
import type { Question } from '../engine/explain/question.js';
import { createPlaybookChecker } from '../engine/own-playbooks.js';
import { lookEveryMs } from '../engine/reload.js';
import { messageOf } from '../errors.js';
import { createPauses } from '../guard/pauses.js';
import { createResets } from '../guard/resets.js';
import { remoteAddress } from '../http/remote-address.js';
import { createLedger } from '../ledger/ledger.js';
import { isConnectionLost } from '../ledger/redis-fault.js';
import type { Logger } from '../logger.js';
import { createMetrics } from '../metrics.js';
import { connectForRequests, connectForWork } from '../queue/connection.js';
import { createQueues } from '../queue/queues.js';
import { leaveToWatcher, watchConnection } from '../queue/watch-connection.js';
import { createReceiver, type ReceiverParts } from '../receiver/receiver.js';
import { closeServer } from './close-server.js';
import type { Connection } from './connections.js';
import { createConsoleHealth } from './console-health.js';
import { createDecisions } from './decisions.js';
import { createGauges } from './gauges.js';
import { createLessons } from './lessons.js';
import { loadOwn, playbooksDetail } from './playbooks.js';
import { checkRedis, connectFirst } from './redis.js';
import { createReload } from './reload.js';
import { repeat } from './repeat.js';
import { createSite } from './site.js';
import { type ActingThread, startActingThread } from './thread.js';

/** How long jobs in work may take to finish at a stop. */
const drainMs = 20_000;
/** How long requests under way may take to finish at a stop. */
const requestsMs = 5_000;

export interface App {
  /** Where it listens: `http://127.0.0.1:9095`. */
  readonly url: string;
  readonly connections: readonly Connection[];
  /** Takes over the playbook folder and the policy, as on SIGHUP; the log says what comes of it. */
  reload(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts the whole engine: the receiver on this event loop, the acting half on another.
 *
 * @param onDeath is called when a part ends that the engine cannot do without.
 * @throws InputError for settings and playbooks that cannot be used; whatever listening or Redis throws.
 */
export async function startApp({
  config,
  redisUrl,
  witnessDir,
  log,
  onDeath,
}: {
  readonly config: Config;
  readonly redisUrl: string;
  /** Where the witness of the ledger is kept; left out, nowhere. */
  readonly witnessDir?: string;
  readonly log: Logger;
  readonly onDeath: (error: Error) => void;
}): Promise<App> {
  const { cell } = config;
  const clock = systemClock;
  const metrics = createMetrics();
  const undo: (() => Promise<unknown> | unknown)[] = [];
  async function stop(): Promise<void> {
    for (const step of undo.splice(0).reverse()) {
      try {
        await step();
      } catch (error) {
        log.warn({ fault: messageOf(error) }, 'stopping');
      }
    }
  }

  try {
    // The receiver shows the playbooks and never acts: its actions have no one to talk to.
    const actions = createOfflineRegistry();
    const check = createPlaybookChecker(actions);
    const own = await loadOwn(config, check);
    const redis = connectForRequests(redisUrl, cell);
    undo.push(() => redis.disconnect());
    await connectFirst(redis, redisUrl, cell);
    const redisConnection = await checkRedis(redis, redisUrl);
    watchConnection({ redis, clock, log });
    const ledger = createLedger({ redis, cell });
    const set = createActiveSet({
      ledger,
      check,
      own,
      clock,
      log,
    });
    const { active } = set;
    const complain = (error: unknown) => {
      if (!isConnectionLost(error)) log.warn({ fault: messageOf(error) }, 'playbooks');
    };
    undo.push(repeat(set.follow, followEveryMs, complain));
    const queues = createQueues({ connection: redis, cell, log });
    const collectGauges = createGauges({ ledger, queues, metrics, clock });
    const thread = await startActingThread({ config, redisUrl, witnessDir }, onDeath);
    undo.push(() => thread.stop(drainMs));
    const reloading = createReload({ config, own, check, set, thread, clock, metrics, log });
    undo.push(reloading.stop, repeat(reloading.look, lookEveryMs, complain));

    const explain = async (question: Question) => {
      // the acting half would wait for a Redis that is away, and whoever asks with it
      await redis.ping();
      return thread.explain(question);
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
    const receiver = createReceiver({
      ...people,
      enqueue: queues.enqueue,
      enqueuePosted: queues.enqueuePosted,
      takeInteraction,
      readiness: () => readiness(thread),
      reload: () => reloading.reload('POST /-/reload'),
      metricsText,
      webhookToken: config.webhookToken,
      slackSigningSecret: config.slack.signingSecret,
    });
    const watching = connectForWork(redisUrl, cell);
    leaveToWatcher(watching);
    const live = createLive({ redis: watching, stream: ledger.keys.audit, log });
    const health = createConsoleHealth({
      readiness: () => readiness(thread),
      connections: thread.connections,
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
    const site = createSite(console, receiver);
    const address = await new Promise<AddressInfo>((resolve, reject) => {
      const server = serve(
        { fetch: site.fetch, port: config.port, hostname: config.listen },
        resolve,
      );
      server.once('error', reject);
      undo.push(() => Promise.all([closeServer(server, requestsMs), thread.stop(drainMs)]));
      undo.push(live.stop);
    });
    if (socket !== undefined) {
      socket.start();
      undo.push(() => socket.stop());
    }
    const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;

    const connections: readonly Connection[] = [
      redisConnection,
      ...(await thread.connections()),
      {
        name: 'Playbooks',
        state: 'loaded',
        detail: playbooksDetail(own, config),
      },
    ];
    const reload = async () => {
      await reloading.reload('SIGHUP').catch(complain);
    };
    return { url: `http://${host}:${address.port}`, connections, reload, stop };

    async function wakeIfPossible(item: string, atMs: number): Promise<void> {
      await queues.wake(item, atMs).catch((error: unknown) => {
        log.warn({ item, fault: messageOf(error) }, 'the sweep will find it');
      });
    }

    /** What Redis or the acting half does not tell is left out, and a gauge says so. */
    async function metricsText(): Promise<string> {
      const [gauges, acting] = await Promise.allSettled([collectGauges(), thread.metrics()]);
      metrics.redisUp.set(gauges.status === 'fulfilled' ? 1 : 0);
      metrics.actingUp.set(acting.status === 'fulfilled' ? 1 : 0);
      if (socket !== undefined) metrics.slackSocketUp.set(socket.state().ok ? 1 : 0);
      const own = await metrics.registry.getMetricsAsJSON();
      const both = acting.status === 'fulfilled' ? [own, acting.value] : [own];
      return AggregatorRegistry.aggregate(both).metrics();
    }

    async function readiness(acting: ActingThread) {
      const check = async (call: () => Promise<unknown>, detail: string) =>
        call().then(
          () => ({ ok: true, detail }),
          (error: unknown) => ({ ok: false, detail: messageOf(error) }),
        );
      const checks = {
        // nothing to write, but all that a transaction needs: a Redis that runs scripts and takes writes
        redis: await check(
          () => ledger.commit({ checks: [], writes: [], nowMs: clock.now() }),
          'takes transactions',
        ),
        worker: await check(() => acting.metrics(), 'answers'),
        playbooks: { ok: true, detail: set.describe() },
      };
      const ready = Object.values(checks).every(({ ok }) => ok);
      const others = socket === undefined ? {} : { slack_socket: socket.state() };
      return { ready, checks: { ...checks, reload: reloading.check(), ...others } };
    }
  } catch (error) {
    await stop();
    throw error;
  }
}
