import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import type { Question } from '../engine/explain/question.js';
import { describeRedisFault } from '../ledger/redis-refusal.js';
import { InputError, messageOf } from '../lib/errors.js';
import { clearHeap } from '../lib/heaps.js';
import { createHeldOutput } from '../lib/held-output.js';
import { createLogger } from '../lib/logger.js';
import type { Config } from './config.js';
import { startWorker } from './worker.js';

/** What the thread is asked, each with a number that the answer carries too. */
export type Ask =
  | { readonly number: number; readonly what: 'connections' }
  | { readonly number: number; readonly what: 'targets' }
  | { readonly number: number; readonly what: 'metrics' }
  | { readonly number: number; readonly what: 'follow' }
  | { readonly number: number; readonly what: 'targetFit'; readonly name: string }
  | { readonly number: number; readonly what: 'explain'; readonly question: Question }
  | { readonly number: number; readonly what: 'stop'; readonly withinMs: number };

/** What the thread is told, and does not answer. It begins with the first. */
export type Told = Begin | { readonly told: 'releaseLog' };

type Begin = { readonly told: 'begin'; readonly redisUrl: string };

export interface Answer {
  readonly number: number;
  readonly value: unknown;
}

/** An answer that may fail: errors do not survive the way between the threads. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  /** `path`: where the fault is in what was asked; left out, the fault is not in the question. */
  | { readonly ok: false; readonly fault: string; readonly path?: string };

export interface ThreadData {
  readonly config: Config;
  /** Where the restore marker is kept; `undefined`: nowhere. */
  readonly markerDir: string | undefined;
}

/** The first message of the thread. */
export type Begun = { readonly begun: true } | { readonly begun: false; readonly fault: string };

const port = parentPort;
if (port === null) throw new Error('worker-thread.js is loaded by worker-entry.js');

try {
  const { config, markerDir } = workerData as ThreadData;
  const [{ redisUrl }] = (await once(port, 'message')) as [Begin];
  const output = createHeldOutput();
  const worker = await startWorker({
    config,
    redisUrl,
    markerDir,
    log: createLogger(config.logLevel, output),
    // no one catches it: the thread ends with it, and who started the thread is told
    onDeath: (error) =>
      setImmediate(() => {
        throw error;
      }),
  });
  port.on('message', async (ask: Ask | Told) => {
    if ('told' in ask) return output.release();
    const value = await answer(ask);
    port.postMessage({ number: ask.number, value } satisfies Answer);
    if (ask.what === 'stop') port.close();
  });
  port.postMessage({ begun: true } satisfies Begun);
  clearHeap();

  async function answer(ask: Ask): Promise<unknown> {
    switch (ask.what) {
      case 'connections':
        return worker.connections();
      case 'targets':
        return worker.targets();
      case 'metrics':
        return worker.metrics.registry.getMetricsAsJSON();
      case 'follow':
        return worker.follow();
      case 'targetFit':
        return worker.targetFit(ask.name);
      case 'explain':
        return outcomeOf(worker.explain(ask.question));
      case 'stop':
        return worker.stop(ask.withinMs);
    }
  }

  async function outcomeOf<T>(answering: Promise<T>): Promise<Outcome<T>> {
    try {
      return { ok: true, value: await answering };
    } catch (error) {
      const path = error instanceof InputError ? { path: error.path } : {};
      return { ok: false, fault: messageOf(error), ...path };
    }
  }
} catch (error) {
  const fault = describeRedisFault(error) ?? messageOf(error);
  port.postMessage({ begun: false, fault } satisfies Begun);
}
