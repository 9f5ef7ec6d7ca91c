import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import type { Config } from '../config.js';
import type { Question } from '../engine/explain/question.js';
import { InputError, messageOf } from '../errors.js';
import { clearHeap } from '../heaps.js';
import { createLogger } from '../logger.js';
import { startActing } from './acting.js';

/** What the thread is asked, each with a number that the answer carries too. */
export type Ask =
  | { readonly number: number; readonly what: 'connections' }
  | { readonly number: number; readonly what: 'metrics' }
  | { readonly number: number; readonly what: 'follow' }
  | { readonly number: number; readonly what: 'explain'; readonly question: Question }
  | {
      readonly number: number;
      readonly what: 'take';
      /** Of a job of notifications, as JSON. */
      readonly data: string;
    }
  | { readonly number: number; readonly what: 'stop'; readonly withinMs: number };

/** What the thread is told, and does not answer. It begins with the first. */
export type Told = { readonly told: 'begin'; readonly redisUrl: string };

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
  /** Where the witness of the ledger is kept; `undefined`: nowhere. */
  readonly witnessDir: string | undefined;
}

/** The first message of the thread. */
export type Begun = { readonly begun: true } | { readonly begun: false; readonly fault: string };

const port = parentPort;
if (port === null) throw new Error('acting-thread.js is loaded by acting-entry.js');

try {
  const { config, witnessDir } = workerData as ThreadData;
  const [{ redisUrl }] = (await once(port, 'message')) as [Told];
  const acting = await startActing({
    config,
    redisUrl,
    witnessDir,
    log: createLogger(config.logLevel),
    // nobody catches it: the thread ends with it, and who started the thread is told
    onDeath: (error) =>
      setImmediate(() => {
        throw error;
      }),
  });
  port.on('message', async (ask: Ask) => {
    const value = await answer(ask);
    port.postMessage({ number: ask.number, value } satisfies Answer);
    if (ask.what === 'stop') port.close();
  });
  port.postMessage({ begun: true } satisfies Begun);
  clearHeap();

  function answer(ask: Ask): Promise<unknown> {
    switch (ask.what) {
      case 'connections':
        return acting.connections();
      case 'metrics':
        return acting.metrics.registry.getMetricsAsJSON();
      case 'follow':
        return acting.follow();
      case 'explain':
        return outcomeOf(acting.explain(ask.question));
      case 'take':
        return acting.take(ask.data);
      case 'stop':
        return acting.stop(ask.withinMs);
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
  port.postMessage({ begun: false, fault: messageOf(error) } satisfies Begun);
}
