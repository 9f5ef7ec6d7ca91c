import { getRequestListener } from '@hono/node-server';
import { createWorkerDoor } from '../api/worker-door.js';
import { lookEveryMs } from '../engine/playbook-set/reload.js';
import { clockSkewMs } from '../ledger/clock-skew.js';
import { createLedger } from '../ledger/ledger.js';
import { isConnectionLost } from '../ledger/redis-fault.js';
import { systemClock } from '../lib/clock.js';
import { messageOf } from '../lib/errors.js';
import { createOwnName } from '../lib/http/own-name.js';
import { remoteAddress } from '../lib/http/remote-address.js';
import { connectForRequests } from '../queue/connection.js';
import { probeRedis } from '../queue/probe.js';
import { createQueues } from '../queue/queues.js';
import { createQueueWatch, lookAtQueuesEveryMs } from '../queue/stuck.js';
import { watchConnection } from '../queue/watch-connection.js';
import type { App, AppOptions } from './app-options.js';
import type { Connection } from './connections.js';
import { createGauges } from './gauges.js';
import { listen } from './listen.js';
import { createMetricsText } from './metrics-text.js';
import { playbooksDetail } from './playbooks.js';
import { exportProcess } from './process-metrics.js';
import { createReadiness } from './readiness.js';
import { checkRedis, connectFirst, requireWork } from './redis.js';
import { createReload } from './reload.js';
import { repeat } from './repeat.js';
import { createShutdownStack } from './shutdown-stack.js';
import { startWorker } from './worker.js';

/** How long jobs in work may take to finish at a stop. */
const drainMs = 20_000;

/**
 * Starts an engine that only acts (`JIDOKA_ROLE=worker`), on this event loop: over HTTP it tells how it is.
 *
 * @throws InputError for playbooks and a ledger that cannot be used; whatever listening or Redis throws.
 */
export async function startWorkerProcess({
  config,
  redisUrl,
  markerDir,
  log,
  onDeath,
}: AppOptions): Promise<App> {
  const { cell } = config;
  const clock = systemClock;
  const undo = createShutdownStack(log);
  const onError = (error: unknown) =>
    log.warn({ fault: messageOf(error) }, 'playbook reload failed');

  try {
    const redis = connectForRequests(redisUrl, cell);
    undo.push(() => redis.disconnect());
    await connectFirst(redis, redisUrl, cell);
    const redisConnection = await checkRedis(redis, redisUrl);
    const needs = { cell, reads: true };
    await requireWork(redis, redisUrl, needs);
    watchConnection({ redis, clock, log });
    const worker = await startWorker({ config, redisUrl, markerDir, log, onDeath });
    let stopping: Promise<void> | undefined;
    const stopActing = () => {
      stopping ??= worker.stop(drainMs);
      return stopping;
    };
    undo.push(stopActing);
    const { metrics, own, check, set } = worker;
    exportProcess(metrics);
    const reloading = createReload({ config, own, check, set, worker, clock, metrics, log });
    undo.push(repeat(reloading.look, lookEveryMs, onError), reloading.stop);

    const ledger = createLedger({ redis, cell });
    const queues = createQueues({ connection: redis, cell, log });
    const watch = createQueueWatch({ redis, cell });
    undo.push(
      repeat(watch.look, lookAtQueuesEveryMs, (error) => {
        if (!isConnectionLost(error)) log.warn({ fault: messageOf(error) }, 'periodic task failed');
      }),
    );
    const probe = () => probeRedis(redis, needs);
    const door = createWorkerDoor({
      readiness: createReadiness({
        probe,
        clockSkew: () => clockSkewMs(redis, clock),
        queues: watch,
        askWorker: async () => 'acts here',
        playbooks: set.describe,
        others: async () => ({ reload: reloading.check(), ...worker.targets() }),
      }),
      metricsText: createMetricsText({
        metrics,
        collect: createGauges({ ledger, queues, probe, watch, metrics, clock }),
        // they are in the same registry
        worker: async () => [],
      }),
      isMeantForUs: createOwnName({
        externalUrl: config.externalUrl,
        tokens: [config.webhookToken, config.adminToken, config.viewerToken],
        addressOf: remoteAddress,
      }),
      metrics,
      log,
    });
    const { url, close } = await listen(getRequestListener(door.fetch), config, log);
    undo.push(() => Promise.all([close(), stopActing()]));
    const connections: readonly Connection[] = [
      redisConnection,
      ...(await worker.connections()),
      { name: 'Playbooks', state: 'loaded', detail: playbooksDetail(own, config) },
    ];
    const reload = async () => {
      await reloading.reload('SIGHUP').catch(onError);
    };
    return { url, connections, reload, releaseLog: () => {}, stop: undo.run };
  } catch (error) {
    await undo.run();
    throw error;
  }
}
