import { Worker } from 'node:worker_threads';
import type { Explanation } from '../engine/explain/explanation.js';
import type { TargetChecks } from '../engine/health/target-watch.js';
import type { TargetFit } from '../engine/reading/target-fit.js';
import { InputError, messageOf } from '../lib/errors.js';
import type { Config } from './config.js';
import type { WorkerHandle } from './worker-handle.js';
import type { Answer, Ask, Begun, Outcome, ThreadData, Told } from './worker-thread.js';

/** A question to the thread as its caller puts it: without the number. */
type Asked = Ask extends infer A ? (A extends Ask ? Omit<A, 'number'> : never) : never;

/** The worker on an event loop of its own, so that server and worker cannot starve each other. */
export interface WorkerThread extends WorkerHandle {
  /**
   * Has it begin, once Redis is known to be usable. It loads what it needs before that; what it is asked
   * before it has begun waits.
   *
   * @throws InputError when it cannot begin.
   */
  begin(redisUrl: string): Promise<void>;
  /** Lets it write its log, which it holds back until then. */
  releaseLog(): void;
}

const answerWithinMs = 30_000;
/** A little more than the lists of targets may take. */
const fitWithinMs = 4_000;

/**
 * Starts the worker in a thread.
 *
 * @param onDeath is called when the thread ends, after it has begun, without being asked to.
 */
export function startWorkerThread(
  data: { readonly config: Config; readonly markerDir: string | undefined },
  onDeath: (error: Error) => void,
): WorkerThread {
  // by way of ../app: in the bundle this code lies in another folder of the same depth
  const thread = new Worker(new URL('../app/worker-entry.js', import.meta.url), {
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
    thread.once('exit', () => reject(new Error('the worker thread ended before it had begun')));
  });
  // the caller of begin is told
  begun.catch(() => {});
  thread.on('error', (error) => {
    fault = error;
  });
  thread.on('exit', (code) => {
    ended = fault ?? new Error(`the worker thread ended with code ${code}`);
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
        reject(new Error(`the worker thread did not answer within ${withinMs / 1_000} s`));
      }, withinMs);
      waiting.set(number, (value) => {
        clearTimeout(late);
        resolve(value as T);
      });
      thread.postMessage({ ...question, number });
    });
  }

  const metrics: WorkerThread['metrics'] = () => ask({ what: 'metrics' }, 2_000);
  return {
    async begin(redisUrl) {
      tell({ told: 'begin', redisUrl });
      const first = await begun;
      if (!first.begun) throw new InputError(first.fault, 'start');
      hasBegun = true;
    },
    releaseLog: () => tell({ told: 'releaseLog' }),
    connections: () => ask({ what: 'connections' }),
    targets: () => ask<TargetChecks>({ what: 'targets' }, 2_000).catch(() => ({})),
    async check() {
      await metrics();
      return 'answers';
    },
    metrics,
    follow: () => ask({ what: 'follow' }),
    targetFit: (name) =>
      ask<TargetFit>({ what: 'targetFit', name }, fitWithinMs).catch((error: unknown) => {
        return { fits: null, nearest: null, detail: messageOf(error) };
      }),
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
