import type { Context } from 'hono';
import type { RunPlaybook } from '../engine/commands/run-playbook.js';
import type { ActivePlaybooks } from '../engine/context/context.js';
import type { Explanation } from '../engine/explain/explanation.js';
import type { Question } from '../engine/explain/question.js';
import type { GivenAnswer } from '../engine/people/answer.js';
import type { AnswerResult } from '../engine/people/answer-result.js';
import type { CancelResult, GivenCancel } from '../engine/people/cancel.js';
import type { ServiceList } from '../engine/proof/service-list.js';
import type { Pauses } from '../guard/pauses.js';
import type { Resets } from '../guard/resets.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Clock } from '../lib/clock.js';
import type { Logger } from '../lib/logger.js';
import type { Metrics } from '../lib/metrics.js';
import type { Live } from './live.js';

/** What the console is made of; `app.ts` puts it together. */
export interface ConsoleParts {
  /** `JIDOKA_CELL`, after which the cookie is named. */
  readonly cell: string;
  readonly ledger: Ledger;
  /** @throws what Redis throws. */
  readonly answer: (answer: GivenAnswer) => Promise<AnswerResult>;
  /** Cancels a run. @throws what Redis throws. */
  readonly cancel: (given: GivenCancel) => Promise<CancelResult>;
  /** Runs a playbook by hand. @throws InputError for labels that cannot be; what Redis throws. */
  readonly runPlaybook: RunPlaybook;
  /** @throws InputError for what there is not; an error where the worker does not answer. */
  readonly explain: (question: Question) => Promise<readonly Explanation[]>;
  /** What services say about themselves, and the chains of their alerts. */
  readonly services: ServiceList;
  readonly pauses: Pauses;
  readonly resets: Resets;
  /** How the connections to the outside stand, check by check. */
  readonly health: () => Promise<readonly HealthCheck[]>;
  /** Asked for each page. */
  readonly active: () => ActivePlaybooks;
  /** `JIDOKA_WORKER_ASG`, or the empty string. */
  readonly workerAsg: string;
  /** Tells of changes of the ledger. */
  readonly live: Live;
  /** `undefined`: a caller on this machine is an operator, and no one else is let in. */
  readonly adminToken: string | undefined;
  /** The setting that says that others reach this engine: without an admin token it is closed then. */
  readonly facing: string | undefined;
  /** Signs in who may look and change nothing; `undefined`: no one. */
  readonly viewerToken: string | undefined;
  /** Where a request's connection comes from. */
  readonly addressOf: (c: Context) => string | undefined;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** One thing that the engine needs, and how it stands. */
export interface HealthCheck {
  readonly name: string;
  readonly state: 'good' | 'unsafe' | 'bad' | 'off';
  readonly detail: string;
}
