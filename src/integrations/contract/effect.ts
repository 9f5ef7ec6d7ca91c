import type { ChangeContext, Progress, Sending } from './action.js';
import type { Change } from './change.js';

/** One kind of change, as actions that take several of them share it. */
export interface Effect {
  /** How long it may take to come into effect. */
  readonly withinMs: number;
  /** As `Action.apply`. */
  apply(change: Change, sending: Sending): Promise<void>;
  /** As `Action.verify`. */
  verify(change: Change, context: ChangeContext): Promise<Progress>;
}
