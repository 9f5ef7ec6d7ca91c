/** What becomes of a command or request on its way. */
export type Passage =
  | 'pass'
  /** The engine is dead and nothing more of it gets through. */
  | 'stop'
  /** It still gets through; its answer does not. */
  | 'last';

/** Where an engine is killed: at which write or call, and on which side of it. */
export interface Place {
  /** What is written or called, and the how many-th of its kind it is: `run applying 2`. */
  readonly name: string;
  readonly side: 'before' | 'after';
}

/** What all writes and calls of one engine pass through. */
export interface Gate {
  /** Those that have passed, in their order. */
  readonly passed: readonly string[];
  /** Lets one pass, or kills the engine over it. */
  pass(kind: string): Passage;
}

/** A gate that kills at one place; without a place it only notes what passes. */
export function createGate({
  place,
  kill,
}: {
  readonly place: Place | undefined;
  readonly kill: () => void;
}): Gate {
  const passed: string[] = [];
  const counts = new Map<string, number>();
  let dead = false;
  return {
    passed,
    pass(kind) {
      if (dead) return 'stop';
      const count = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, count);
      const name = `${kind} ${count}`;
      passed.push(name);
      if (name !== place?.name) return 'pass';
      dead = true;
      kill();
      return place.side === 'before' ? 'stop' : 'last';
    },
  };
}
