import type { Clock } from '../../lib/clock.js';
import { createSortedSet, type SortedSet } from './sorted-set.js';

/** The keys of a store in memory, each with its value and, if it has one, the time when it goes. */
export type Keyspace = ReturnType<typeof createKeyspace>;

/**
 * Keys go by the clock that is given, and with them the memory they took. Streams are not kept: what is
 * appended to one is handed out.
 */
export function createKeyspace({
  clock,
  onAppend,
}: {
  readonly clock: Clock;
  readonly onAppend: (entry: string) => void;
}) {
  // apart, since the few keys that everything asks for are found faster among few
  const texts = new Map<string, string>();
  const hashes = new Map<string, Map<string, string>>();
  const sets = new Map<string, Set<string>>();
  const sorteds = new Map<string, SortedSet>();
  const kinds = [texts, hashes, sets, sorteds];
  const ends = createSortedSet();
  let firstEndMs = Number.POSITIVE_INFINITY;

  /** Lets go of what is over. As in Redis, a key is still there in its last millisecond. */
  function expire(): void {
    const nowMs = clock.now();
    if (nowMs <= firstEndMs) return;
    for (let first = ends.first(); first !== undefined; first = ends.first()) {
      if (nowMs <= first.score) break;
      ends.remove(first.member);
      for (const kind of kinds) kind.delete(first.member);
    }
    firstEndMs = ends.first()?.score ?? Number.POSITIVE_INFINITY;
  }

  function find<Value>(kind: ReadonlyMap<string, Value>, key: string): Value | undefined {
    expire();
    return kind.get(key);
  }

  /** The collection under a key; there is one after this. */
  function findOrMake<Value>(kind: Map<string, Value>, key: string, make: () => Value): Value {
    const known = find(kind, key);
    if (known !== undefined) return known;
    const made = make();
    kind.set(key, made);
    return made;
  }

  function has(key: string): boolean {
    expire();
    return kinds.some((kind) => kind.has(key));
  }

  function remove(key: string): boolean {
    expire();
    ends.remove(key);
    let found = false;
    for (const kind of kinds) found = kind.delete(key) || found;
    return found;
  }

  return {
    append: onAppend,
    has,
    remove,

    /** Redis keeps no empty collections. */
    dropIfEmpty(key: string, { size }: { readonly size: number }): void {
      if (size === 0) remove(key);
    },

    text: (key: string) => find(texts, key),
    hash: (key: string) => find(hashes, key),
    set: (key: string) => find(sets, key),
    sorted: (key: string) => find(sorteds, key),

    hashAt: (key: string) => findOrMake(hashes, key, () => new Map<string, string>()),
    setAt: (key: string) => findOrMake(sets, key, () => new Set<string>()),
    sortedAt: (key: string) => findOrMake(sorteds, key, createSortedSet),

    setText(key: string, text: string): void {
      ends.remove(key);
      texts.set(key, text);
    },

    /** Has a key go in `ms` milliseconds; `null`: never. */
    setEnd(key: string, ms: number | null): boolean {
      if (ms === null) return ends.remove(key);
      if (!has(key)) return false;
      const endMs = clock.now() + ms;
      ends.set(key, endMs);
      if (endMs < firstEndMs) firstEndMs = endMs;
      return true;
    },

    /** How many milliseconds a key is still there; `null`: for ever. */
    endsIn(key: string): number | null {
      const endMs = ends.score(key);
      return endMs === undefined ? null : endMs - clock.now();
    },

    keys(): readonly string[] {
      expire();
      return kinds.flatMap((kind) => [...kind.keys()]);
    },
  };
}
