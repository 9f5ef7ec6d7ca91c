import type { Labels } from '../alert/alert.js';
import { labelValue } from '../alert/labels.js';
import type { Matcher } from '../alert/matcher.js';
import { messageOf } from '../errors.js';
import type { Miss } from '../ledger/episode.js';
import { EvaluationError } from './expression.js';
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
  if (miss === undefined) return undefined;
  const shared = playbook.match.filter(
    (matcher) => labelValue(input.labels, matcher.name) !== '' && matcher.matches(input.labels),
  );
  return { playbook, miss, shared: shared.length };
}

/** By what a playbook misses an alert; `undefined` if it matches. */
function missOf(playbook: Playbook, input: ExpressionInput): Miss | undefined {
  const failed = playbook.match.filter((matcher) => !matcher.matches(input.labels));
  const [first] = failed;
  if (first !== undefined) {
    return {
      playbook: playbook.name,
      clause: first.toString(),
      expected: expectationOf(first),
      actual: shownLabel(input.labels, first.name),
      reason: 'no_match',
      missed: failed.length,
    };
  }
  if (playbook.when === undefined) return undefined;
  const miss = { playbook: playbook.name, clause: `when: ${playbook.when.text}`, missed: 1 };
  try {
    if (playbook.when.evaluate(input)) return undefined;
    return { ...miss, expected: 'true', actual: 'false', reason: 'no_match' };
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    return { ...miss, expected: 'true', actual: messageOf(error), reason: 'expression_failed' };
  }
}

function expectationOf({ op, value }: Matcher): string {
  const text = JSON.stringify(value);
  switch (op) {
    case '=':
      return value === '' ? 'no such label' : text;
    case '!=':
      return value === '' ? 'any value' : `anything but ${text}`;
    case '=~':
      return `a match of ${text}`;
    case '!~':
      return `no match of ${text}`;
  }
}

function shownLabel(labels: Labels, name: string): string {
  const value = labelValue(labels, name);
  return value === '' ? 'missing' : JSON.stringify(value);
}
