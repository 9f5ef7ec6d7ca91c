import type { Change } from '../target/change.js';
import type { Progress } from './action.js';

/** One kind of change, as actions that take several of them share it. */
export interface Effect {
  /** How long it may take to come into effect. */
  readonly withinMs: number;
  /** As `Action.apply`. */
  apply(change: Change): Promise<void>;
  /** As `Action.verify`. */
  verify(change: Change): Promise<Progress>;
}
