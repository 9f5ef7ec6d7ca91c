import type { Escalation } from '../ledger/escalation.js';

/** Why an escalation can no longer be answered: who decided what, and when. */
export function describeClosed({ state, answer, endedAtMs }: Escalation): string {
  if (answer !== null) return `${answer.by} chose "${answer.label}" on ${utc(answer.atMs)}.`;
  const when = endedAtMs === null ? '' : ` on ${utc(endedAtMs)}`;
  return state === 'expired'
    ? `The question expired without an answer${when}.`
    : `Jidoka withdrew the question${when}: its alerts resolved, or it no longer applies.`;
}

function utc(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19).replace('T', ' at ')} UTC`;
}
