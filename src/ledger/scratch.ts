/** A record of many entries, such as the members of an episode. */
export type Entries<Value> = Readonly<Record<string, Value>>;

/** Remembers which records one piece of work made itself; these it may change in place. */
export type Scratch = ReturnType<typeof createScratch>;

/**
 * Changes records without changing those of others: the first change copies a record, later ones by the
 * same scratch change that copy. So many changes of a large record take as long as one copy of it.
 */
export function createScratch() {
  /** The records that were copied here, and how many entries each has. */
  const sizes = new WeakMap<object, number>();

  function own<Value>(entries: Entries<Value>): Record<string, Value> {
    if (sizes.has(entries)) return entries;
    const copy = { ...entries };
    sizes.set(copy, Object.keys(copy).length);
    return copy;
  }

  /** How many entries there are. */
  function sizeOf(entries: Entries<unknown>): number {
    return sizes.get(entries) ?? Object.keys(entries).length;
  }

  function withEntry<Value>(entries: Entries<Value>, name: string, value: Value): Entries<Value> {
    const mine = own(entries);
    if (!Object.hasOwn(mine, name)) sizes.set(mine, sizeOf(mine) + 1);
    mine[name] = value;
    return mine;
  }

  function withoutEntry<Value>(entries: Entries<Value>, name: string): Entries<Value> {
    const mine = own(entries);
    if (Object.hasOwn(mine, name)) sizes.set(mine, sizeOf(mine) - 1);
    delete mine[name];
    return mine;
  }

  /** Leaves out entries that are not wanted any more, where that was not done already. */
  function prune<Value>(entries: Entries<Value>, isWanted: (value: Value) => boolean) {
    if (sizes.has(entries)) return entries;
    const kept = Object.fromEntries(Object.entries(entries).filter(([, value]) => isWanted(value)));
    sizes.set(kept, Object.keys(kept).length);
    return kept;
  }

  return { sizeOf, withEntry, withoutEntry, prune };
}
