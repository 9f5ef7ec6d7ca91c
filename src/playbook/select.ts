import { labelValue } from '../alert/labels.js';
import type { Miss } from '../ledger/episode.js';
import { type Clause, matcherClause, whenClause } from './clauses.js';
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
  const near: Standing[] = [];
  const candidates = library.candidates(input.labels);
  for (const playbook of candidates) {
    const standing = standingOf(playbook, input);
    if (standing.missed > 0) {
      near.push(standing);
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
      if (!seen.has(playbook)) near.push(standingOf(playbook, input));
    }
  }
  const nearestFirst = near
    .filter(({ playbook, shared }) => shared > 0 && !playbook.ignore)
    .sort((a, b) => distance(a) - distance(b) || b.shared - a.shared)
    .slice(0, shownMisses);
  return { selected, shadows, considered: nearestFirst.map((one) => missOf(one, input)) };
}

/** How a playbook stands to an alert; what a person reads of it is worded only for the nearest. */
interface Standing {
  readonly playbook: Playbook;
  /** How many of its clauses do not hold; 0: it matches. */
  readonly missed: number;
  /** How many of its matchers the alert meets by a label that it has. */
  readonly shared: number;
  /** The condition, where all matchers hold and it does not. */
  readonly condition: Clause | undefined;
}

function standingOf(playbook: Playbook, input: ExpressionInput): Standing {
  const { match, when } = playbook;
  let missed = 0;
  let shared = 0;
  for (const matcher of match) {
    if (!matcher.matches(input.labels)) missed += 1;
    else if (labelValue(input.labels, matcher.name) !== '') shared += 1;
  }
  if (missed > 0 || when === undefined) return { playbook, missed, shared, condition: undefined };
  const condition = whenClause(when, input);
  return { playbook, missed: condition.outcome === 'met' ? 0 : 1, shared, condition };
}

function distance({ missed, condition }: Standing): number {
  return condition?.outcome === 'failed' ? 0 : missed;
}

/** By what a playbook misses an alert. */
function missOf({ playbook, missed, condition }: Standing, { labels }: ExpressionInput): Miss {
  const first = playbook.match.find((matcher) => !matcher.matches(labels));
  const found = condition ?? (first && matcherClause(first, labels));
  if (found === undefined) throw new Error(`playbook ${playbook.name} misses by nothing`);
  const { outcome, ...clause } = found;
  const reason = outcome === 'failed' ? 'expression_failed' : 'no_match';
  return { playbook: playbook.name, ...clause, reason, missed };
}
