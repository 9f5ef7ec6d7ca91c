import type { Clock } from '../../clock.js';
import { createSortedSet, type SortedSet } from './sorted-set.js';

type Value = string | Map<string, string> | Set<string> | SortedSet;

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
  const values = new Map<string, Value>();
  const ends = createSortedSet();
  let firstEndMs = Number.POSITIVE_INFINITY;

  /** Lets go of what is over. As in Redis, a key is still there in its last millisecond. */
  function expire(): void {
    const nowMs = clock.now();
    if (nowMs <= firstEndMs) return;
    for (let first = ends.first(); first !== undefined; first = ends.first()) {
      if (nowMs <= first.score) break;
      ends.remove(first.member);
      values.delete(first.member);
    }
    firstEndMs = ends.first()?.score ?? Number.POSITIVE_INFINITY;
  }

  function find(key: string): Value | undefined {
    expire();
    return values.get(key);
  }

  function put(key: string, value: Value): void {
    values.set(key, value);
  }

  function remove(key: string): boolean {
    expire();
    ends.remove(key);
    return values.delete(key);
  }

  /** Redis keeps no empty collections. */
  function dropIfEmpty(key: string, { size }: { readonly size: number }): void {
    if (size === 0) remove(key);
  }

  return {
    append: onAppend,
    remove,
    dropIfEmpty,
    has: (key: string): boolean => find(key) !== undefined,

    text(key: string): string | undefined {
      const value = find(key);
      if (value === undefined || typeof value === 'string') return value;
      throw wrongType(key);
    },

    setText(key: string, text: string): void {
      remove(key);
      put(key, text);
    },

    hash(key: string): Map<string, string> | undefined {
      const value = find(key);
      if (value === undefined || value instanceof Map) return value;
      throw wrongType(key);
    },

    set(key: string): Set<string> | undefined {
      const value = find(key);
      if (value === undefined || value instanceof Set) return value;
      throw wrongType(key);
    },

    sorted(key: string): SortedSet | undefined {
      const value = find(key);
      if (value === undefined || (typeof value === 'object' && 'above' in value)) return value;
      throw wrongType(key);
    },

    /** The collection under a key; there is one after this. */
    hashAt(key: string): Map<string, string> {
      const known = this.hash(key) ?? new Map<string, string>();
      put(key, known);
      return known;
    },

    setAt(key: string): Set<string> {
      const known = this.set(key) ?? new Set<string>();
      put(key, known);
      return known;
    },

    sortedAt(key: string): SortedSet {
      const known = this.sorted(key) ?? createSortedSet();
      put(key, known);
      return known;
    },

    /** Has a key go in `ms` milliseconds; `null`: never. */
    setEnd(key: string, ms: number | null): boolean {
      if (find(key) === undefined) return false;
      if (ms === null) return ends.remove(key);
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
      return [...values.keys()];
    },
  };
}

function wrongType(key: string): Error {
  return new Error(`${key} holds a value of another kind`);
}
