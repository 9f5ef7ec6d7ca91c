import type { Matcher } from '../alertmanager/matcher.js';
import { canHold } from '../alertmanager/matcher-values.js';
import type { Fault } from './issue.js';

/** The matchers of one entry of `match`, which may hold several. */
type MatcherGroup = readonly Matcher[];

/**
 * Finds the matchers of a playbook that never match together, for one label each; certain, as
 * `findValue` is. `match` is one text with matchers or a list of such texts; the fault is at the
 * last entry that has part in it.
 */
export function contradictions(match: MatcherGroup | readonly MatcherGroup[]): Fault[] {
  const groups = isList(match) ? match : [match];
  const byLabel = new Map<string, { matcher: Matcher; path: number[] }[]>();
  for (const [index, group] of groups.entries()) {
    for (const matcher of group) {
      const entry = { matcher, path: isList(match) ? [index] : [] };
      byLabel.set(matcher.name, [...(byLabel.get(matcher.name) ?? []), entry]);
    }
  }
  return [...byLabel.values()].flatMap((entries) => {
    const guilty = smallest(entries, (some) => !canHold(some.map(({ matcher }) => matcher)));
    const last = guilty.at(-1);
    if (last === undefined) return [];
    const names = guilty.map(({ matcher }) => String(matcher));
    const message =
      guilty.length === 1
        ? `${names[0]} never matches: no value satisfies it`
        : `${names.slice(0, -1).join(', ')} and ${names.at(-1)} never match together`;
    return [{ path: last.path, message }];
  });
}

function isList(match: MatcherGroup | readonly MatcherGroup[]): match is readonly MatcherGroup[] {
  return Array.isArray(match[0]);
}

/** So many entries are compared in pairs. */
const maxCompared = 50;

/** One entry, else two, else all of those for which something holds; none where it does not hold for all. */
function smallest<T>(entries: readonly T[], holds: (some: readonly T[]) => boolean): readonly T[] {
  if (!holds(entries)) return [];
  for (const entry of entries) if (holds([entry])) return [entry];
  if (entries.length > maxCompared) return entries;
  for (const [index, second] of entries.entries()) {
    for (const first of entries.slice(0, index)) {
      if (holds([first, second])) return [first, second];
    }
  }
  return entries;
}
