import type { Logger } from 'pino';
import type { Config } from './config.js';
import type { Connection } from './connections.js';

export interface App {
  /** Where it listens: `http://127.0.0.1:9095`. */
  readonly url: string;
  readonly connections: readonly Connection[];
  /** Takes over the playbook folder and the policy, as on SIGHUP; the log says what comes of it. */
  reload(): Promise<void>;
  /** Lets the worker's thread write its log, which it holds back until the start was reported. */
  releaseLog(): void;
  stop(): Promise<void>;
}

/** What an engine is started with, whatever its role. */
export interface AppOptions {
  readonly config: Config;
  readonly redisUrl: string;
  /** Where the restore marker is kept; left out, nowhere. */
  readonly markerDir?: string;
  readonly log: Logger;
  /** Is called when a part ends that the engine cannot do without. */
  readonly onDeath: (error: Error) => void;
}
