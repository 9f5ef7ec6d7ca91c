/** What became of rules that were given to Prometheus. */
export interface Isolated<Rule> {
  /** All that Prometheus takes together. */
  readonly loaded: readonly Rule[];
  /** Those that it refuses, one by one. */
  readonly refused: readonly Rule[];
}

/**
 * Finds the rules that Prometheus refuses, by halves. What it is given never lacks a rule that it has taken
 * before and that is still wanted, so that no alert is lost while others are tried.
 *
 * @param taken rules that Prometheus has taken before
 * @param added rules that it has not had yet
 * @param isTaken gives Prometheus these rules and no other
 * @returns `null`: it takes not even an empty file, so the rules are not the reason
 */
export async function isolate<Rule>(
  taken: readonly Rule[],
  added: readonly Rule[],
  isTaken: (rules: readonly Rule[]) => Promise<boolean>,
): Promise<Isolated<Rule> | null> {
  const all = [...taken, ...added];
  if (await isTaken(all)) return { loaded: all, refused: [] };
  if (added.length > 0 && (await isTaken(taken))) return halves(taken, added);
  if (taken.length === 0 || !(await isTaken([]))) return null;
  // another Prometheus than before: it may refuse what the earlier one took
  return halves([], all);

  /** Sorts rules of which at least one is refused. */
  async function halves(base: readonly Rule[], wrong: readonly Rule[]): Promise<Isolated<Rule>> {
    if (wrong.length <= 1) return { loaded: base, refused: wrong };
    const middle = Math.ceil(wrong.length / 2);
    const parts = [wrong.slice(0, middle), wrong.slice(middle)];
    let loaded = base;
    const refused: Rule[] = [];
    for (const part of parts) {
      if (await isTaken([...loaded, ...part])) {
        loaded = [...loaded, ...part];
        continue;
      }
      const found = await halves(loaded, part);
      loaded = found.loaded;
      refused.push(...found.refused);
    }
    return { loaded, refused };
  }
}
