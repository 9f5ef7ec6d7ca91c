import { Worker } from 'node:worker_threads';
import type { MetricObject, MetricValue } from 'prom-client';
import type { Explanation } from '../engine/explain/explanation.js';
import type { Question } from '../engine/explain/question.js';
import { InputError } from '../errors.js';
import type { Answer, Ask, Begun, Outcome, ThreadData } from './acting-thread.js';
import type { Connection } from './connections.js';

/** A question to the thread as its caller puts it: without the number. */
type Asked = Ask extends infer A ? (A extends Ask ? Omit<A, 'number'> : never) : never;

export type MetricJson = MetricObject & { values: MetricValue<string>[] };

/** The acting half on an event loop of its own, so that neither receiving nor acting can starve the other. */
export interface ActingThread {
  connections(): Promise<readonly Connection[]>;
  metrics(): Promise<MetricJson[]>;
  /** Takes over the active playbooks now instead of soon. */
  follow(): Promise<void>;
  /** @throws InputError for what there is not, and an error where it cannot be explained. */
  explain(question: Question): Promise<readonly Explanation[]>;
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

  async function ask<T>(question: Asked, withinMs = answerWithinMs): Promise<T> {
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
    async explain(question) {
      const outcome = await ask<Outcome<readonly Explanation[]>>({ what: 'explain', question });
      if (outcome.ok) return outcome.value;
      if (outcome.path !== undefined) throw new InputError(outcome.fault, outcome.path);
      throw new Error(outcome.fault);
    },
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
