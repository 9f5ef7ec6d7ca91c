import type { Attempt, Outlook, Run } from '../ledger/run.js';
import type { Change } from '../target/change.js';

/** What steps would do in words: `web from 2 to 3 replicas, and one more time …`, `restart web`. */
export function describeOutlook(steps: readonly Outlook[]): string {
  const words = steps.map((step) => {
    const owner = step.owner === undefined ? '' : ` (owner: ${step.owner})`;
    return `${describeStep(step)}${owner}`;
  });
  return words.join('; if that does not help, ');
}

function describeStep({ name, unit, does, from, to, followedBy, detail }: Outlook): string {
  const [first, ...more] = to;
  if (first === undefined) return `nothing with ${name} (${detail})`;
  const what = does ?? `${name} from ${from} to ${first} ${unit}`;
  const once = followedBy ? `${what}, then ${followedBy}` : what;
  if (more.length === 0) return once;
  const times = more.length === 1 ? 'one more time' : `${more.length} more times`;
  const again = `${once}, and ${times} while the alert fires`;
  if (does !== undefined) return again;
  const last = more.at(-1) ?? first;
  const way = last < from ? 'down to' : 'up to';
  return `${again}, ${way} ${last}`;
}

/** A change in words: `web from 2 to 3 replicas`, or what it does where it changes no size: `restart web`. */
export function describeChange({ target, from, to, unit, does }: Change): string {
  return does ?? `${target.name} from ${from} to ${to} ${unit}`;
}

/** What a run has tried and what was seen, a line each. */
export function describeAttempts(run: Run): string[] {
  const tried = run.attempts.map((attempt) => `• ${describeAttempt(attempt)}`);
  return [...tried, ...run.notes.map((note) => `• ${note.text}`)];
}

function describeAttempt({
  change,
  undo,
  appliedAtMs,
  convergedAtMs,
  refused,
  vain,
  seen,
}: Attempt): string {
  const what = `${undo ? 'put back: ' : ''}${describeChange(change)}`;
  if (refused) return `${what}: refused (${seen})`;
  if (appliedAtMs === null)
    return `${what}: whether it was taken is not known${seen && ` (${seen})`}`;
  if (convergedAtMs === null) return `${what}: taken, but not in effect${seen && ` (${seen})`}`;
  const inEffect = `${what}: in effect after ${Math.round((convergedAtMs - appliedAtMs) / 1000)} s`;
  return vain ? `${inEffect}, but nothing came of it (${seen})` : inEffect;
}

/** By what a playbook missed an alert: `scale-up missed it by scale="up": expected "up", got no such label`. */
export function describeMiss({
  playbook,
  clause,
  expected,
  actual,
}: Readonly<Record<'playbook' | 'clause' | 'expected' | 'actual', string>>): string {
  return `${playbook} missed it by ${clause}: expected ${expected}, got ${describeFound(actual)}`;
}

/** What a clause found in place of what it wanted. */
export function describeFound(actual: string): string {
  return actual === 'missing' ? 'no such label' : actual;
}
