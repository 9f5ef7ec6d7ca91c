import { labelValue } from '../alertmanager/labels.js';
import { type Clause, clausesOf, sharedWith, takesSource, whenClause } from './clauses.js';
import type { Library } from './library.js';
import type { AlertInput, Mode, Playbook } from './playbook.js';
import { uncheckedRequirement } from './requirement.js';
import type { Selection } from './select.js';

/** A playbook held against an alert, clause by clause. */
export interface Compared {
  readonly playbook: string;
  readonly file: string;
  readonly mode: Mode;
  readonly continue: boolean;
  readonly ignore: boolean;
  readonly clauses: readonly Clause[];
  /**
   * `takes`: it takes the alert; `shadow`: it would, and only shows it; `comes_late`: it matches, and
   * one before it takes the alert and does not say `continue`; `misses`: a clause is not met.
   */
  readonly standing: 'takes' | 'shadow' | 'comes_late' | 'misses';
  /** `comes_late`: the playbook that takes the alert before it. */
  readonly after: string | null;
  /** How many clauses are not met. */
  readonly missed: number;
  /** How many clauses the alert meets by a label that it has. */
  readonly shared: number;
}

/** Which playbooks are wanted: one by its name, or those that match and so many of the others. */
export interface Choice {
  readonly only?: string | undefined;
  readonly maxNear: number;
}

/** How near a playbook is to an alert. */
interface Nearness {
  readonly missed: number;
  readonly shared: number;
}

/**
 * Holds playbooks against an alert: first those that match, in the order in which they are tried, then
 * the others, those that miss the fewest clauses and share the most labels first. Pure. It walks all
 * playbooks, so it is for people who ask, not for alerts that arrive; only those that are wanted are
 * worked out clause by clause.
 */
export function comparePlaybooks(
  { playbooks }: Library,
  selection: Selection,
  input: AlertInput,
  { only, maxNear }: Choice,
): readonly Compared[] {
  if (only !== undefined) {
    const named = playbooks.filter(({ name }) => name === only);
    return named.map((playbook) => compare(playbook, selection, input));
  }
  const weighed = playbooks
    .map((playbook) => ({ playbook, ...nearnessOf(playbook, input) }))
    .sort(byNearness);
  const matching = weighed.filter(({ missed }) => missed === 0).length;
  return weighed
    .slice(0, matching + maxNear)
    .map(({ playbook }) => compare(playbook, selection, input))
    .sort(byNearness);
}

/** As far as it can be told without evaluating every condition: `when:` counts where all else is met. */
function nearnessOf(playbook: Playbook, input: AlertInput): Nearness {
  const { match, when } = playbook;
  const met = match.filter((matcher) => matcher.matches(input.labels));
  const missed = match.length - met.length + (takesSource(playbook, input) ? 0 : 1);
  const shared = met.filter(({ name }) => labelValue(input.labels, name) !== '').length;
  if (missed > 0 || when === undefined) return { missed, shared };
  return { missed: whenClause(when, input).outcome === 'met' ? 0 : 1, shared };
}

/** Those that match as they come; of the others those that share nothing with the alert are the furthest. */
function byNearness(a: Nearness, b: Nearness): number {
  const remote = ({ missed, shared }: Nearness) => Number(missed > 0 && shared === 0);
  const shared = a.missed === 0 ? 0 : b.shared - a.shared;
  return remote(a) - remote(b) || a.missed - b.missed || shared;
}

function compare(
  playbook: Playbook,
  { selected, shadows, requirementOf }: Selection,
  input: AlertInput,
): Compared {
  const { requires } = playbook;
  const clauses = [
    ...clausesOf(playbook, input),
    ...(requires ? [requirementOf(playbook) ?? uncheckedRequirement(requires)] : []),
  ];
  const missed = clauses.filter(
    ({ outcome }) => outcome === 'missed' || outcome === 'failed',
  ).length;
  const standing = standingOf();
  return {
    playbook: playbook.name,
    file: playbook.file,
    mode: playbook.mode,
    continue: playbook.continue,
    ignore: playbook.ignore,
    clauses,
    standing,
    after: standing === 'comes_late' ? (selected.at(-1)?.name ?? null) : null,
    missed,
    shared: sharedWith(playbook, input.labels),
  };

  function standingOf(): Compared['standing'] {
    if (selected.includes(playbook)) return 'takes';
    if (shadows.includes(playbook)) return 'shadow';
    return missed === 0 ? 'comes_late' : 'misses';
  }
}
