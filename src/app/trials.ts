import { Worker } from 'node:worker_threads';
import { messageOf } from '../lib/errors.js';
import type { TrialData } from './trial-thread.js';

/** Tries drafts of playbooks on the recorded history, one after another. */
export interface Trials {
  /** What it would have done, or why that is not known, in sentences. Never throws. */
  run(data: Omit<TrialData, 'redisUrl' | 'cell' | 'maxDeliveries'>): Promise<string>;
  stop(): Promise<void>;
}

const maxDeliveries = 200_000;
const withinMs = 60_000;
const maxMegabytes = 512;

/** Each trial has a thread of its own, bounded in time and memory, so that it keeps neither half from its work. */
export function createTrials({
  redisUrl,
  cell,
}: {
  readonly redisUrl: string;
  readonly cell: string;
}): Trials {
  let last: Promise<unknown> = Promise.resolve();
  let current: Worker | undefined;
  let stopped = false;

  function run(data: Parameters<Trials['run']>[0]): Promise<string> {
    const next = last.then(() => inThread({ ...data, redisUrl, cell, maxDeliveries }));
    last = next;
    return next;
  }

  async function inThread(data: TrialData): Promise<string> {
    if (stopped) return 'No backtest: the engine stops.';
    let late: NodeJS.Timeout | undefined;
    try {
      const thread = new Worker(new URL('../app/trial-thread.js', import.meta.url), {
        workerData: data,
        resourceLimits: { maxOldGenerationSizeMb: maxMegabytes },
      });
      current = thread;
      return await new Promise<string>((resolve, reject) => {
        thread.once('message', resolve);
        thread.once('error', reject);
        thread.once('exit', () => reject(new Error('it ended before it was done')));
        late = setTimeout(() => reject(new Error(`it takes over ${withinMs / 1_000} s`)), withinMs);
      });
    } catch (error) {
      return `The backtest failed: ${messageOf(error)}. Run jidoka backtest yourself.`;
    } finally {
      clearTimeout(late);
      await current?.terminate();
      current = undefined;
    }
  }

  return {
    run,
    async stop() {
      stopped = true;
      await current?.terminate();
      await last;
    },
  };
}
