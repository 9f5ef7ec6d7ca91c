import type { Operation } from '../integrations/contract/change.js';
import { isResize } from '../integrations/contract/operation.js';
import { describeChange, describeOperation } from '../integrations/operations.js';
import type { Choice } from '../ledger/escalation.js';
import type { Attempt, Preview, Run } from '../ledger/run.js';

/** The part of a preview that its words are made of. */
type Shown = Pick<Preview, 'name' | 'operations' | 'owner' | 'followedBy' | 'detail'>;

/** What steps would do, as it follows "would": `scale web from 2 to 3 replicas, and one more time …`, `restart web`. */
export function describePreview(steps: readonly Shown[]): string {
  const words = steps.map((step) => {
    const owner = step.owner === undefined ? '' : ` (owner: ${step.owner})`;
    return `${describeStep(step)}${owner}`;
  });
  return words.join('; if the alert still fires, ');
}

function describeStep({ name, operations, followedBy, detail }: Shown): string {
  if (operations.length === 0) return `make no change to ${name} (${detail})`;
  return describeOperations(operations, name, followedBy);
}

/** What a step does to the target of this name, one operation after another; empty where it does nothing. */
export function describeOperations(
  operations: readonly Operation[],
  name: string,
  followedBy?: string,
): string {
  const [first, ...more] = operations;
  if (first === undefined) return '';
  const what = describeOperation(first, name);
  const once = followedBy ? `${what}, then ${followedBy}` : what;
  if (more.length === 0) return once;
  const times = more.length === 1 ? 'one more time' : `${more.length} more times`;
  const again = `${once}, and ${times} while the alert fires`;
  const last = more.at(-1) ?? first;
  if (!isResize(last)) return again;
  return `${again}, ${last.to < last.from ? 'down' : 'up'} to ${last.to}`;
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
  const what = `${undo ? 'undo: ' : ''}${describeChange(change)}`;
  if (refused) return `${what}: rejected (${seen})`;
  if (appliedAtMs === null) return `${what}: outcome unknown${seen && ` (${seen})`}`;
  if (convergedAtMs === null) return `${what}: accepted, but not converged${seen && ` (${seen})`}`;
  const inEffect = `${what}: converged after ${Math.round((convergedAtMs - appliedAtMs) / 1000)} s`;
  return vain ? `${inEffect}, but the next change never came (${seen})` : inEffect;
}

/** Tells by what a playbook missed an alert: `scale-up does not match: scale="up": expected "up", got no such label`. */
export function describeMiss({
  playbook,
  clause,
  expected,
  actual,
}: Readonly<Record<'playbook' | 'clause' | 'expected' | 'actual', string>>): string {
  return `${playbook} does not match: ${clause}: expected ${expected}, got ${describeFound(actual)}`;
}

/** How often a suggestion helped before: `helped 3 of 3 times`. */
export function describeHelped({ times, of }: NonNullable<Choice['helped']>): string {
  return `helped ${times} of ${of} ${of === 1 ? 'time' : 'times'}`;
}

/** What a clause found in place of what it wanted. */
export function describeFound(actual: string): string {
  return actual === 'missing' ? 'no such label' : actual;
}
