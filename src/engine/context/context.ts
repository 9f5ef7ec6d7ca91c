import type { AlertmanagerCluster } from '../../alertmanager/alertmanager-cluster.js';
import type { AnyAction } from '../../integrations/contract/action.js';
import type { Escalation } from '../../ledger/escalation.js';
import type { AnyLedger, Ledger } from '../../ledger/ledger.js';
import type { Run } from '../../ledger/run.js';
import type { ScheduleItem, Wake } from '../../ledger/schedule-item.js';
import type { Check, Write } from '../../ledger/transaction.js';
import type { Clock } from '../../lib/clock.js';
import type { Logger } from '../../lib/logger.js';
import type { Metrics } from '../../lib/metrics.js';
import type { JobOffers } from '../../playbook/job-offers.js';
import type { Library } from '../../playbook/library.js';
import type { Policy } from '../../playbook/policy.js';

/** The set of playbooks that decides at present. */
export interface ActivePlaybooks {
  readonly library: Library;
  readonly policy: Policy;
  /** SHA-256 over all their files. */
  readonly hash: string;
  /** The jobs that people are offered; left out, none is. */
  readonly jobOffers?: JobOffers;
}

/** How many alerts are decided side by side, unless it is told otherwise. */
export const defaultDecisionConcurrency = 32;

/** An offer to make a playbook of what a person did, and what is written and must hold with it. */
export interface SuggestionOffer {
  readonly escalation: Escalation;
  readonly checks: readonly Check[];
  readonly writes: readonly Write[];
}

/** A place to work on an item of the schedule at once, kept free until it is taken or left. */
export interface Place {
  /** Does the work, and has the item looked at again if that fails. */
  take(work: () => Promise<void>): void;
  leave(): void;
}

/** What every part of the engine gets; `app/worker.ts` puts it together. */
export interface EngineContext {
  readonly ledger: AnyLedger;
  readonly actions: ReadonlyMap<string, AnyAction>;
  /** Asked again for each decision, so that a reload takes effect at once. */
  readonly active: () => ActivePlaybooks;
  /** The Alertmanager that is asked for silences; left out or `undefined`: there is none. */
  readonly cluster?: Pick<AlertmanagerCluster, 'silence'> | undefined;
  /** `JIDOKA_WORKER_ASG`, or the empty string. */
  readonly workerAsg: string;
  /**
   * How many targets of a kind (`swarm.service`, `asg`) there are; `null`: not known, or not lately; infinite
   * where that kind is not counted.
   */
  readonly fleetSize: (kind: string) => number | null;
  /** See `engine/schedule/waker.ts`. */
  readonly wake: Wake;
  /** A place to work on an item here and now; `null`: there is none free. Left out: there is never any. */
  readonly place?: (item: ScheduleItem) => Place | null;
  /** When the ledger began; `null` or left out: long ago. */
  readonly ledgerBeganMs?: () => number | null;
  /**
   * Offers to make a playbook of what a person did, for a run that has ended; `null`: there is nothing to
   * offer. Left out, nothing is ever offered, as in a simulation.
   */
  readonly offerSuggestion?: (run: Run) => Promise<SuggestionOffer | null>;
  /** How many alerts are decided side by side whose targets have to be read. */
  readonly decisionConcurrency?: number;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** The same where Alertmanager's API is read: that asks more of the ledger than a simulation's knows. */
export interface RedisContext extends EngineContext {
  readonly ledger: Ledger;
}
