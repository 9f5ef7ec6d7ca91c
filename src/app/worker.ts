import { getRequestListener } from '@hono/node-server';
import { systemClock } from '../clock.js';
import { lookEveryMs } from '../engine/reload.js';
import { messageOf } from '../errors.js';
import { createLedger } from '../ledger/ledger.js';
import { connectForRequests } from '../queue/connection.js';
import { createQueues } from '../queue/queues.js';
import { watchConnection } from '../queue/watch-connection.js';
import { createWorkerDoor } from '../receiver/worker-door.js';
import { startActing } from './acting.js';
import type { App, AppOptions } from './app.js';
import type { Connection } from './connections.js';
import { createGauges } from './gauges.js';
import { listen } from './listen.js';
import { createMetricsText } from './metrics-text.js';
import { playbooksDetail } from './playbooks.js';
import { createReadiness } from './readiness.js';
import { checkRedis, connectFirst } from './redis.js';
import { createReload } from './reload.js';
import { repeat } from './repeat.js';
import { createUndo } from './undo.js';

/** How long jobs in work may take to finish at a stop. */
const drainMs = 20_000;

/**
 * Starts an engine that only acts (`JIDOKA_ROLE=worker`), on this event loop: over HTTP it tells how it is.
 *
 * @throws InputError for playbooks and a ledger that cannot be used; whatever listening or Redis throws.
 */
export async function startWorker({
  config,
  redisUrl,
  witnessDir,
  log,
  onDeath,
}: AppOptions): Promise<App> {
  const { cell } = config;
  const clock = systemClock;
  const undo = createUndo(log);
  const complain = (error: unknown) => log.warn({ fault: messageOf(error) }, 'playbooks');

  try {
    const redis = connectForRequests(redisUrl, cell);
    undo.push(() => redis.disconnect());
    await connectFirst(redis, redisUrl, cell);
    const redisConnection = await checkRedis(redis, redisUrl);
    watchConnection({ redis, clock, log });
    const acting = await startActing({ config, redisUrl, witnessDir, log, onDeath });
    let stopping: Promise<void> | undefined;
    const stopActing = () => {
      stopping ??= acting.stop(drainMs);
      return stopping;
    };
    undo.push(stopActing);
    const { metrics, own, check, set } = acting;
    const reloading = createReload({ config, own, check, set, acting, clock, metrics, log });
    undo.push(reloading.stop, repeat(reloading.look, lookEveryMs, complain));

    const ledger = createLedger({ redis, cell });
    const queues = createQueues({ connection: redis, cell, log });
    const door = createWorkerDoor({
      readiness: createReadiness({
        ledger,
        clock,
        acting: async () => 'acts here',
        playbooks: set.describe,
        others: () => ({ reload: reloading.check() }),
      }),
      metricsText: createMetricsText({
        metrics,
        collect: createGauges({ ledger, queues, metrics, clock }),
        // they are in the same registry
        acting: async () => [],
      }),
      metrics,
      log,
    });
    const { url, close } = await listen(getRequestListener(door.fetch), config, log);
    undo.push(() => Promise.all([close(), stopActing()]));
    const connections: readonly Connection[] = [
      redisConnection,
      ...(await acting.connections()),
      { name: 'Playbooks', state: 'loaded', detail: playbooksDetail(own, config) },
    ];
    const reload = async () => {
      await reloading.reload('SIGHUP').catch(complain);
    };
    return { url, connections, reload, stop: undo.run };
  } catch (error) {
    await undo.run();
    throw error;
  }
}
