import { Worker } from 'node:worker_threads';
import type { Config } from '../config.js';
import type { Explanation } from '../engine/explain/explanation.js';
import { InputError } from '../errors.js';
import type { ActingHalf } from './acting-half.js';
import type { Answer, Ask, Begun, Outcome, ThreadData, Told } from './acting-thread.js';

/** A question to the thread as its caller puts it: without the number. */
type Asked = Ask extends infer A ? (A extends Ask ? Omit<A, 'number'> : never) : never;

/** The acting half on an event loop of its own, so that neither receiving nor acting can starve the other. */
export interface ActingThread extends ActingHalf {
  /**
   * Has it take notifications in at once; `true`: they are in the ledger.
   *
   * @param data of a job of notifications, as JSON
   * @throws when it does not answer soon; they may be taken in all the same.
   */
  take(data: string): Promise<boolean>;
  /**
   * Has it begin, once Redis is known to be usable. It loads what it needs before that; what it is asked
   * before it has begun waits.
   *
   * @throws InputError when it cannot begin.
   */
  begin(redisUrl: string): Promise<void>;
}

const answerWithinMs = 30_000;
/** How long a notification waits for the thread at most before it goes into the queue instead. */
const takeWithinMs = 100;

/**
 * Starts the acting half in a worker thread.
 *
 * @param onDeath is called when the thread ends, after it has begun, without being asked to.
 */
export function startActingThread(
  data: { readonly config: Config; readonly witnessDir: string | undefined },
  onDeath: (error: Error) => void,
): ActingThread {
  const thread = new Worker(new URL('../app/acting-entry.js', import.meta.url), {
    workerData: data satisfies ThreadData,
  });
  const waiting = new Map<number, (value: unknown) => void>();
  let asked = 0;
  let hasBegun = false;
  let stopping = false;
  let fault: Error | undefined;
  let ended: Error | undefined;

  const begun = new Promise<Begun>((resolve, reject) => {
    thread.on('message', (message: Begun | Answer) => {
      if ('begun' in message) return resolve(message);
      waiting.get(message.number)?.(message.value);
      waiting.delete(message.number);
    });
    thread.once('error', reject);
    thread.once('exit', () => reject(new Error('the acting thread ended before it had begun')));
  });
  // whoever has it begin is told
  begun.catch(() => {});
  thread.on('error', (error) => {
    fault = error;
  });
  thread.on('exit', (code) => {
    ended = fault ?? new Error(`the acting thread ended with code ${code}`);
    if (hasBegun && !stopping) onDeath(ended);
  });

  /** Tells it something that it does not answer. */
  function tell(what: Told): void {
    thread.postMessage(what);
  }

  async function ask<T>(question: Asked, withinMs = answerWithinMs): Promise<T> {
    await begun;
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

  const metrics: ActingThread['metrics'] = () => ask({ what: 'metrics' }, 2_000);
  return {
    async begin(redisUrl) {
      tell({ told: 'begin', redisUrl });
      const first = await begun;
      if (!first.begun) throw new InputError(first.fault, 'start');
      hasBegun = true;
    },
    connections: () => ask({ what: 'connections' }),
    async check() {
      await metrics();
      return 'answers';
    },
    metrics,
    follow: () => ask({ what: 'follow' }),
    take: (data) => ask({ what: 'take', data }, takeWithinMs),
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
        if (hasBegun) await ask({ what: 'stop', withinMs }, withinMs + 5_000);
      } finally {
        await thread.terminate();
      }
    },
  };
}
