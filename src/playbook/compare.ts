import { type Clause, clausesOf, sharedWith } from './clauses.js';
import type { Library } from './library.js';
import type { ExpressionInput, Mode, Playbook } from './playbook.js';
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

/** Those that match as they come; of the others those that share nothing with the alert are the furthest. */
function byNearness(a: Compared, b: Compared): number {
  const remote = ({ missed, shared }: Compared) => Number(missed > 0 && shared === 0);
  const shared = a.missed === 0 ? 0 : b.shared - a.shared;
  return remote(a) - remote(b) || a.missed - b.missed || shared;
}

/**
 * Holds every playbook against an alert: first those that match, in the order in which they are tried,
 * then the others, those that miss the fewest clauses and share the most labels first. Pure. It walks
 * all playbooks, so it is for people who ask, not for alerts that arrive.
 */
export function compareAll(
  { playbooks }: Library,
  { selected, shadows }: Selection,
  input: ExpressionInput,
): readonly Compared[] {
  const takers = new Set(selected);
  const shadowed = new Set(shadows);
  const last = selected.at(-1)?.name ?? null;
  const compared = playbooks.map((playbook): Compared => {
    const clauses = clausesOf(playbook, input);
    const missed = clauses.filter(({ outcome }) => outcome !== 'met').length;
    const standing = standingOf(playbook, missed);
    return {
      playbook: playbook.name,
      file: playbook.file,
      mode: playbook.mode,
      continue: playbook.continue,
      ignore: playbook.ignore,
      clauses,
      standing,
      after: standing === 'comes_late' ? last : null,
      missed,
      shared: sharedWith(playbook, input.labels),
    };
  });
  return compared.sort(byNearness);

  function standingOf(playbook: Playbook, missed: number): Compared['standing'] {
    if (takers.has(playbook)) return 'takes';
    if (shadowed.has(playbook)) return 'shadow';
    return missed === 0 ? 'comes_late' : 'misses';
  }
}
