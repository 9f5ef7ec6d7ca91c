import type { Miss } from '../ledger/episode.js';
import { type Clause, matcherClause, sharedWith, whenClause } from './clauses.js';
import type { Library } from './library.js';
import type { ExpressionInput, Playbook } from './playbook.js';

/** Which playbooks an alert gets, and why not the others. */
export interface Selection {
  /** Those that take the alert, in order: one, or several where all but the last say `continue`. */
  readonly selected: readonly Playbook[];
  /** Those in shadow that would have taken it. */
  readonly shadows: readonly Playbook[];
  /**
   * The nearest that did not match, nearest first; expressions that failed stand before all. Those
   * that share nothing with the alert, and those that ignore alerts, are not near.
   */
  readonly considered: readonly Miss[];
}

const shownMisses = 10;
/** How many playbooks are looked at for near misses where none matched. */
const neighbourCount = 50;

/**
 * Selects the playbooks for an alert: in order, the first match wins, `continue: true` looks
 * further, and one in shadow takes nothing. Pure.
 */
export function selectPlaybooks(library: Library, input: ExpressionInput): Selection {
  const selected: Playbook[] = [];
  const shadows: Playbook[] = [];
  const misses: Near[] = [];
  const candidates = library.candidates(input.labels);
  for (const playbook of candidates) {
    const miss = nearOf(playbook, input);
    if (miss !== undefined) {
      misses.push(miss);
    } else if (playbook.mode === 'shadow') {
      shadows.push(playbook);
    } else {
      selected.push(playbook);
      if (!playbook.continue) break;
    }
  }
  if (selected.length === 0) {
    const seen = new Set(candidates);
    for (const playbook of library.neighbours(input.labels, neighbourCount)) {
      const miss = seen.has(playbook) ? undefined : nearOf(playbook, input);
      if (miss !== undefined) misses.push(miss);
    }
  }
  const nearestFirst = misses
    .filter(({ playbook, shared }) => !playbook.ignore && shared > 0)
    .sort((a, b) => distance(a) - distance(b) || b.shared - a.shared)
    .slice(0, shownMisses);
  return { selected, shadows, considered: nearestFirst.map(({ miss }) => miss) };
}

/** A playbook that did not match, and how many of its clauses the alert does meet by a label that it has. */
interface Near {
  readonly playbook: Playbook;
  readonly miss: Miss;
  readonly shared: number;
}

function distance({ miss }: Near): number {
  return miss.reason === 'expression_failed' ? 0 : miss.missed;
}

function nearOf(playbook: Playbook, input: ExpressionInput): Near | undefined {
  const miss = missOf(playbook, input);
  return miss && { playbook, miss, shared: sharedWith(playbook, input.labels) };
}

/** By what a playbook misses an alert; `undefined` if it matches. */
function missOf({ name, match, when }: Playbook, input: ExpressionInput): Miss | undefined {
  const failed = match.filter((matcher) => !matcher.matches(input.labels));
  const [first] = failed;
  if (first !== undefined) {
    return missBy(name, matcherClause(first, input.labels), failed.length);
  }
  const condition = when && whenClause(when, input);
  if (condition === undefined || condition.outcome === 'met') return undefined;
  return missBy(name, condition, 1);
}

function missBy(playbook: string, { outcome, ...clause }: Clause, missed: number): Miss {
  const reason = outcome === 'failed' ? 'expression_failed' : 'no_match';
  return { playbook, ...clause, reason, missed };
}
