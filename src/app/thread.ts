import { Worker } from 'node:worker_threads';
import type { MetricObject, MetricValue } from 'prom-client';
import { InputError } from '../errors.js';
import type { Answer, Ask, Begun, ThreadData } from './acting-thread.js';
import type { Connection } from './connections.js';

/** A question to the thread as its caller puts it: without the number. */
type Question = Ask extends infer A ? (A extends Ask ? Omit<A, 'number'> : never) : never;

export type MetricJson = MetricObject & { values: MetricValue<string>[] };

/** The acting half on an event loop of its own, so that neither receiving nor acting can starve the other. */
export interface ActingThread {
  connections(): Promise<readonly Connection[]>;
  metrics(): Promise<MetricJson[]>;
  /** Takes over the active playbooks now instead of soon. */
  follow(): Promise<void>;
  stop(withinMs: number): Promise<void>;
}

const answerWithinMs = 30_000;

/**
 * Starts the acting half in a worker thread.
 *
 * @param onDeath is called when the thread ends without being asked to.
 * @throws InputError when the acting half cannot begin.
 */
export async function startActingThread(
  data: ThreadData,
  onDeath: (error: Error) => void,
): Promise<ActingThread> {
  const thread = new Worker(new URL('./acting-thread.js', import.meta.url), { workerData: data });
  const waiting = new Map<number, (value: unknown) => void>();
  let asked = 0;
  let stopping = false;
  let fault: Error | undefined;
  let ended: Error | undefined;

  const begun = await new Promise<Begun>((resolve, reject) => {
    thread.once('message', resolve);
    thread.once('error', reject);
  });
  if (!begun.begun) {
    await thread.terminate();
    throw new InputError(begun.fault, 'start');
  }
  thread.on('message', ({ number, value }: Answer) => {
    waiting.get(number)?.(value);
    waiting.delete(number);
  });
  thread.on('error', (error) => {
    fault = error;
  });
  thread.on('exit', (code) => {
    ended = fault ?? new Error(`the acting thread ended with code ${code}`);
    if (!stopping) onDeath(ended);
  });

  async function ask<T>(question: Question, withinMs = answerWithinMs): Promise<T> {
    if (ended !== undefined) throw ended;
    const number = asked++;
    return new Promise<T>((resolve, reject) => {
      const late = setTimeout(() => {
        waiting.delete(number);
        reject(new Error(`the acting thread did not answer within ${withinMs / 1_000} s`));
      }, withinMs);
      waiting.set(number, (value) => {
        clearTimeout(late);
        resolve(value as T);
      });
      thread.postMessage({ ...question, number });
    });
  }

  return {
    connections: () => ask({ what: 'connections' }),
    metrics: () => ask({ what: 'metrics' }, 2_000),
    follow: () => ask({ what: 'follow' }),
    async stop(withinMs) {
      if (ended !== undefined) return;
      stopping = true;
      try {
        await ask({ what: 'stop', withinMs }, withinMs + 5_000);
      } finally {
        await thread.terminate();
      }
    },
  };
}
