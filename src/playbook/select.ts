import type { Labels } from '../alertmanager/alert.js';
import { labelValue } from '../alertmanager/labels.js';
import type { Miss } from '../ledger/episode.js';
import { type Clause, matcherClause, sourceClause, takesSource, whenClause } from './clauses.js';
import type { Library } from './library.js';
import type { AlertInput, Playbook } from './playbook.js';
import { uncheckedRequirement } from './requirement.js';

/** Which playbooks an alert gets, and why not the others. */
export interface Selection {
  /** Those that take the alert, in order: one, or several where all but the last say `continue`. */
  readonly selected: readonly Playbook[];
  /** Those in shadow that would have taken it. */
  readonly shadows: readonly Playbook[];
  /**
   * The nearest that did not match, nearest first; expressions that failed stand before all. Those
   * that share nothing with the alert, and those that ignore alerts, are not near. Worked out when it is
   * asked for: most alerts are taken.
   */
  considered(): readonly Miss[];
  /** What is known of what a playbook requires of its target; `undefined`: it was not asked for. */
  readonly requirementOf: RequirementOf;
}

/** Tells how what a playbook requires stands to its target; `undefined`: it requires nothing, or that was not asked for. */
export type RequirementOf = (playbook: Playbook) => Clause | undefined;

/** No playbook that requires something of its target takes the alert. */
export const noneMet: RequirementOf = ({ requires }) =>
  requires && { ...uncheckedRequirement(requires), outcome: 'missed' };

const shownMisses = 10;
/** So few playbooks are all looked at for near misses; of more, as many as will do for those that are shown. */
const fewPlaybooks = 30;
const maxNear = 16;

/**
 * Selects the playbooks for an alert: in order, the first match wins, `continue: true` looks
 * further, and one in shadow takes nothing. Pure. What a playbook requires counts as met unless it is known
 * not to be.
 */
export function selectPlaybooks(
  library: Library,
  input: AlertInput,
  requirementOf: RequirementOf = () => undefined,
): Selection {
  const selected: Playbook[] = [];
  const shadows: Playbook[] = [];
  /** The conditions that do not hold of those whose matchers do. */
  const conditions = new Map<Playbook, Clause>();
  const candidates = candidatesOf(library, input);
  let looked = 0;
  for (const playbook of candidates) {
    looked += 1;
    if (!takesSource(playbook, input) || !isMatched(playbook, input.labels)) continue;
    const condition = unmetCondition(playbook, input, requirementOf);
    if (condition !== undefined) {
      conditions.set(playbook, condition);
    } else if (playbook.mode === 'shadow') {
      shadows.push(playbook);
    } else {
      selected.push(playbook);
      if (!playbook.continue) break;
    }
  }
  return { selected, shadows, considered, requirementOf };

  function considered(): readonly Miss[] {
    const near = [...conditions.keys()];
    const most = library.playbooks.length <= fewPlaybooks ? fewPlaybooks : maxNear;
    const isTaken = selected.length > 0;
    const groups =
      isTaken || input.manual !== undefined
        ? [candidates.slice(0, looked)]
        : [library.neighbours(input.labels, most), candidates, library.playbooks];
    for (const group of groups) addUpTo(most, near, group);
    const missing = near.filter((one) => !selected.includes(one) && !shadows.includes(one));
    return nearest(missing, conditions, input).map((one) => missOf(one, input));
  }
}

function candidatesOf(library: Library, { labels, manual }: AlertInput): readonly Playbook[] {
  if (manual === undefined) return library.candidates(labels);
  const named = library.named(manual);
  return named === undefined ? [] : [named];
}

function addUpTo(count: number, near: Playbook[], some: readonly Playbook[]): void {
  for (const playbook of some) {
    if (near.length >= count) return;
    if (!near.includes(playbook)) near.push(playbook);
  }
}

function isMatched({ match }: Playbook, labels: Labels): boolean {
  for (const matcher of match) if (!matcher.matches(labels)) return false;
  return true;
}

/** What keeps a playbook away whose matchers all hold: its condition, or what it requires; `undefined`: nothing. */
function unmetCondition(
  playbook: Playbook,
  input: AlertInput,
  requirementOf: RequirementOf,
): Clause | undefined {
  const condition = playbook.when && whenClause(playbook.when, input);
  if (condition !== undefined && condition.outcome !== 'met') return condition;
  const requirement = playbook.requires && requirementOf(playbook);
  return requirement?.outcome === 'missed' ? requirement : undefined;
}

/** How a playbook that does not match stands to an alert. */
interface PlaybookStatus {
  readonly playbook: Playbook;
  /** How many of its clauses do not hold; 0: a condition that has no value. */
  readonly distance: number;
  /** How many of its matchers the alert meets by a label that it has. */
  readonly shared: number;
  /** The condition, where all matchers hold and it does not. */
  readonly condition: Clause | undefined;
}

function standingOf(
  playbook: Playbook,
  condition: Clause | undefined,
  input: AlertInput,
): PlaybookStatus {
  const { labels } = input;
  let missed = takesSource(playbook, input) ? 0 : 1;
  let shared = 0;
  for (const matcher of playbook.match) {
    if (!matcher.matches(labels)) missed += 1;
    else if (labelValue(labels, matcher.name) !== '') shared += 1;
  }
  const distance = condition === undefined ? missed : condition.outcome === 'failed' ? 0 : 1;
  return { playbook, distance, shared, condition };
}

/** The nearest that are shown; what is no nearer than what came before stands behind it. */
function nearest(
  near: readonly Playbook[],
  conditions: ReadonlyMap<Playbook, Clause>,
  input: AlertInput,
): readonly PlaybookStatus[] {
  const shown: PlaybookStatus[] = [];
  for (const playbook of near) {
    const one = standingOf(playbook, conditions.get(playbook), input);
    if (one.shared === 0 || playbook.ignore) continue;
    let place = shown.length;
    while (place > 0 && isNearer(one, shown[place - 1] as PlaybookStatus)) place -= 1;
    if (place === shownMisses) continue;
    shown.splice(place, 0, one);
    if (shown.length > shownMisses) shown.pop();
  }
  return shown;
}

function isNearer(one: PlaybookStatus, other: PlaybookStatus): boolean {
  return one.distance === other.distance
    ? one.shared > other.shared
    : one.distance < other.distance;
}

/** By what a playbook misses an alert. */
function missOf({ playbook, distance, condition }: PlaybookStatus, input: AlertInput): Miss {
  const { labels } = input;
  const first = playbook.match.find((matcher) => !matcher.matches(labels));
  const source = takesSource(playbook, input) ? undefined : sourceClause(playbook, input);
  const found = condition ?? source ?? (first && matcherClause(first, labels));
  if (found === undefined) throw new Error(`playbook ${playbook.name} misses by nothing`);
  return {
    playbook: playbook.name,
    clause: found.clause,
    expected: found.expected,
    actual: found.actual,
    reason: found.outcome === 'failed' ? 'expression_failed' : 'no_match',
    missed: Math.max(1, distance),
  };
}
