/** The most different targets that were changed within a span of time. */
export interface Spread {
  readonly targets: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** The first some of them. */
  readonly names: readonly string[];
}

const maxNames = 10;

/** Finds when changes reached the most different targets within `windowMs`. Changes come in order. */
export function createSpread(windowMs: number) {
  /** The targets of the window, those changed longest ago first. */
  const recent = new Map<string, number>();
  let widest: Spread = { targets: 0, fromMs: 0, toMs: 0, names: [] };

  function add(target: string, atMs: number): void {
    recent.delete(target);
    recent.set(target, atMs);
    for (const [other, lastMs] of recent) {
      if (lastMs > atMs - windowMs) break;
      recent.delete(other);
    }
    if (recent.size <= widest.targets) return;
    const [fromMs = atMs] = recent.values();
    const names = [...recent.keys()].slice(0, maxNames);
    widest = { targets: recent.size, fromMs, toMs: atMs, names };
  }

  return { add, widest: () => widest };
}
