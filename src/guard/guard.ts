import type { Busy } from '../ledger/episode.js';
import type { Reason } from '../ledger/reason.js';
import type { Claim, Refusal } from '../ledger/transaction.js';

/** May hold a run back. It asks for something (a claim) that Redis grants or refuses, with all other guards, in one atomic step. */
export interface Guard {
  readonly claim: Claim;
  /** What a refusal means to a person. */
  explain(refusal: Refusal): Hold;
  /** What a refusal would bring about, for those who only ask: that it trips then. */
  readonly wouldTrip?: string;
}

/** Why a run is held, and when it is decided again. */
export interface Hold {
  readonly reason: Reason;
  readonly detail: string;
  readonly untilMs: number;
  /** The report by which a person has been told already. */
  readonly escalationId?: string;
  /** `target_busy`: whom it waits for. It is decided again as soon as that run is over. */
  readonly waitsFor?: Busy;
}
