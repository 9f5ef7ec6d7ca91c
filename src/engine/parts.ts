import type { AnyAction } from '../action/action.js';
import type { AlertmanagerCluster } from '../alert/alertmanager-cluster.js';
import type { Clock } from '../clock.js';
import type { AnyLedger, Ledger } from '../ledger/ledger.js';
import type { Logger } from '../logger.js';
import type { Metrics } from '../metrics.js';
import type { Library } from '../playbook/library.js';
import type { Policy } from '../playbook/policy.js';

/** The set of playbooks that decides at present. */
export interface ActivePlaybooks {
  readonly library: Library;
  readonly policy: Policy;
  /** SHA-256 over all their files. */
  readonly hash: string;
}

/** A place to work on an item of the agenda at once, kept free until it is taken or left. */
export interface Place {
  /** Does the work, and has the item looked at again if that fails. */
  take(work: () => Promise<void>): void;
  leave(): void;
}

/** How many alerts are decided side by side, unless it is told otherwise. */
export const usualDecisionsAtOnce = 32;

/** What the engine is made of; `app.ts` puts it together. */
export interface EngineParts {
  readonly ledger: AnyLedger;
  readonly actions: ReadonlyMap<string, AnyAction>;
  /** Asked anew for each decision, so that a reload takes effect at once. */
  readonly active: () => ActivePlaybooks;
  /** The Alertmanager that is asked for silences; left out or `undefined`: there is none. */
  readonly cluster?: Pick<AlertmanagerCluster, 'silence'> | undefined;
  /** `JIDOKA_WORKER_ASG`, or the empty string. */
  readonly workerAsg: string;
  /** How many targets of a kind (`swarm.service`, `asg`) there are; `null`: not known, or not lately. */
  readonly fleetSize: (kind: string) => number | null;
  /**
   * Has an item of the agenda looked at by a worker. It is only the quick way: whatever it misses,
   * the sweep finds on the agenda.
   */
  readonly wake: (item: string, atMs: number) => Promise<void>;
  /** A place to work on an item here and now; `null`: there is none free. Left out: there is never any. */
  readonly place?: (item: string) => Place | null;
  /** Whether people are offered to make a playbook of what they did; a rehearsal offers nothing. */
  readonly teaches?: true;
  /** How many alerts are decided side by side whose targets have to be read. */
  readonly decisionsAtOnce?: number;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** The same where Alertmanager's API is read: that asks more of the ledger than a rehearsal's knows. */
export interface RedisParts extends EngineParts {
  readonly ledger: Ledger;
}
