import type { Plan } from '../action/action.js';
import type { Attempt, Run } from '../ledger/run.js';
import type { Change } from '../target/change.js';

/** A plan in words: `web from 2 to 3 replicas`. */
export function describePlan(plan: Plan): string {
  return plan.kind === 'change' ? describeChange(plan) : plan.detail;
}

export function describeChange({ target, from, to, unit }: Change): string {
  return `${target.name} from ${from} to ${to} ${unit}`;
}

/** What a run has tried and what was seen, a line each. */
export function describeAttempts(run: Run): string[] {
  const tried = run.attempts.map((attempt) => `• ${describeAttempt(attempt)}`);
  return [...tried, ...run.notes.map((note) => `• ${note.text}`)];
}

function describeAttempt({ change, undo, appliedAtMs, convergedAtMs, seen }: Attempt): string {
  const what = `${undo ? 'put back: ' : ''}${describeChange(change)}`;
  if (appliedAtMs === null)
    return `${what}: whether it was taken is not known${seen && ` (${seen})`}`;
  if (convergedAtMs === null) return `${what}: taken, but not in effect${seen && ` (${seen})`}`;
  return `${what}: in effect after ${Math.round((convergedAtMs - appliedAtMs) / 1000)} s`;
}
