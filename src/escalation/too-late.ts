import type { Escalation } from '../ledger/escalation.js';

/** Why an escalation can no longer be answered: who decided what, and when. */
export function describeTooLate({ state, answer, endedAtMs }: Escalation): string {
  if (answer !== null) return `${answer.by} chose "${answer.label}" on ${utc(answer.atMs)}.`;
  const when = endedAtMs === null ? '' : ` on ${utc(endedAtMs)}`;
  return state === 'expired'
    ? `Nobody answered in time: the question expired${when}.`
    : `The question was withdrawn${when}: its alerts resolved, or what it asks about has moved on.`;
}

function utc(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19).replace('T', ' at ')} UTC`;
}
