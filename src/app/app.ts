import type { Config } from '../config.js';
import type { Logger } from '../logger.js';
import type { Connection } from './connections.js';
import { startActingThread } from './thread.js';

export interface App {
  /** Where it listens: `http://127.0.0.1:9095`. */
  readonly url: string;
  readonly connections: readonly Connection[];
  /** Takes over the playbook folder and the policy, as on SIGHUP; the log says what comes of it. */
  reload(): Promise<void>;
  stop(): Promise<void>;
}

/** What an engine is started with, whatever its role. */
export interface AppOptions {
  readonly config: Config;
  readonly redisUrl: string;
  /** Where the witness of the ledger is kept; left out, nowhere. */
  readonly witnessDir?: string;
  readonly log: Logger;
  /** Is called when a part ends that the engine cannot do without. */
  readonly onDeath: (error: Error) => void;
}

/**
 * Starts the engine, or the half of it that its role names. Each half is loaded where it runs only: on
 * this event loop, or, where both run, the acting half on another, which loads at the same time.
 *
 * @throws InputError for settings and playbooks that cannot be used; whatever listening or Redis throws.
 */
export async function startApp(options: AppOptions): Promise<App> {
  const { config, witnessDir, onDeath } = options;
  if (config.role === 'worker') {
    const { startWorker } = await import('./worker.js');
    return startWorker(options);
  }
  const both = config.role === 'all';
  const thread = both ? startActingThread({ config, witnessDir }, onDeath) : undefined;
  const { startReceiving } = await import('./receiving.js');
  return startReceiving({ ...options, thread });
}
