import type { Context } from 'hono';
import type { Clock } from '../clock.js';
import type { Explanation } from '../engine/explain/explanation.js';
import type { Question } from '../engine/explain/question.js';
import type { ActivePlaybooks } from '../engine/parts.js';
import type { AnswerResult, GivenAnswer } from '../escalation/answer.js';
import type { Pauses } from '../guard/pauses.js';
import type { Resets } from '../guard/resets.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Logger } from '../logger.js';
import type { Metrics } from '../metrics.js';
import type { Live } from './live.js';

/** What the console is made of; `app.ts` puts it together. */
export interface ConsoleParts {
  /** `JIDOKA_CELL`, after which the cookie is named. */
  readonly cell: string;
  readonly ledger: Ledger;
  /** @throws what Redis throws. */
  readonly answer: (answer: GivenAnswer) => Promise<AnswerResult>;
  /** @throws InputError for what there is not; an error where the acting half does not answer. */
  readonly explain: (question: Question) => Promise<readonly Explanation[]>;
  readonly pauses: Pauses;
  readonly resets: Resets;
  /** How the connections to the outside stand, check by check. */
  readonly health: () => Promise<readonly HealthCheck[]>;
  /** Asked anew for each page. */
  readonly active: () => ActivePlaybooks;
  /** `JIDOKA_WORKER_ASG`, or the empty string. */
  readonly workerAsg: string;
  /** Tells of changes of the ledger. */
  readonly live: Live;
  /** `undefined`: whoever is on this machine is an operator, and nobody else is let in. */
  readonly adminToken: string | undefined;
  /** Signs in who may look and change nothing; `undefined`: nobody. */
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
