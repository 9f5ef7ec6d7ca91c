import type { Labels } from '../../alertmanager/alert.js';
import { describeParts, type Outcome } from './outcome.js';

/** Alerts of which two sets of playbooks make something different, in the same way. */
export interface Difference {
  readonly before: string;
  readonly after: string;
  readonly alerts: number;
  /** The first some of them. */
  readonly examples: readonly { readonly labels: Labels; readonly openedAtMs: number }[];
}

/** What differs between two sets of playbooks. */
export interface Comparison {
  /** Alerts of which both make the same. */
  readonly same: number;
  /** The most frequent first. */
  readonly differences: readonly Difference[];
  /** Alerts that only one of them tells apart, because of another policy. */
  readonly onlyBefore: number;
  readonly onlyAfter: number;
}

const shownExamples = 5;

/** Compares what two sets make of each alert, while both go on; it holds only what one of them has yet to tell. */
export function createComparison() {
  const waiting = { before: new Map<string, string>(), after: new Map<string, string>() };
  const differences = new Map<string, Difference & { alerts: number; examples: unknown[] }>();
  let same = 0;

  function tell(side: 'before' | 'after', outcome: Outcome): void {
    const said = describeParts(outcome.parts);
    const others = waiting[side === 'before' ? 'after' : 'before'];
    const other = others.get(outcome.key);
    if (other === undefined) {
      waiting[side].set(outcome.key, said);
      return;
    }
    others.delete(outcome.key);
    if (other === said) same += 1;
    else if (side === 'after') differ(other, said, outcome);
    else differ(said, other, outcome);
  }

  function differ(before: string, after: string, { labels, openedAtMs }: Outcome): void {
    const key = JSON.stringify([before, after]);
    const known = differences.get(key) ?? { before, after, alerts: 0, examples: [] };
    differences.set(key, known);
    known.alerts += 1;
    if (known.examples.length < shownExamples) known.examples.push({ labels, openedAtMs });
  }

  function result(): Comparison {
    return {
      same,
      differences: [...differences.values()].sort((a, b) => b.alerts - a.alerts),
      onlyBefore: waiting.before.size,
      onlyAfter: waiting.after.size,
    };
  }

  return { tell, result };
}
