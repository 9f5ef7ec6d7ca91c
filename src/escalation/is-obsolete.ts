import type { Escalation } from '../ledger/escalation.js';
import type { Reason } from '../ledger/reason.js';

/** What the machine does not know itself: a person has to look, whatever became of the alerts. */
const uncertain: ReadonlySet<Reason> = new Set(['unknown_outcome', 'internal_error']);

/**
 * Whether no one has to hear of it any more: it ended before it could be posted, by an answer given
 * elsewhere or because its alerts resolved. That no one answered in time is news, though, and so is a
 * change whose outcome is not known.
 */
export function isObsolete({ posted, state, reason }: Escalation): boolean {
  if (posted !== null || uncertain.has(reason)) return false;
  return state === 'answered' || state === 'withdrawn';
}
