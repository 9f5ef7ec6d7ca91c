import type { Clock } from '../clock.js';
import { messageOf } from '../errors.js';
import type { Logger } from '../logger.js';

/** How many targets of each kind there are, read every so often and never for a single alert. */
export interface Fleet {
  /** Reads all sizes anew. Never throws: a size that cannot be read stays as it was until it is too old. */
  read(): Promise<void>;
  /** The number of targets of a kind; `null`: it is not known, or was read too long ago. */
  size(kind: string): number | null;
}

interface FleetOptions {
  /** Counts the targets of each kind (`swarm.service`, `asg`). */
  readonly counts: Readonly<Record<string, () => Promise<number>>>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A size that is older than this is not relied on. */
const freshMs = 15 * 60_000;

export function createFleet({ counts, clock, log }: FleetOptions): Fleet {
  const sizes = new Map<string, { readonly count: number; readonly atMs: number }>();

  async function read(): Promise<void> {
    const reads = Object.entries(counts).map(async ([kind, count]) => {
      try {
        sizes.set(kind, { count: await count(), atMs: clock.now() });
      } catch (error) {
        log.warn({ kind, fault: messageOf(error) }, 'the size of the fleet could not be read');
      }
    });
    await Promise.all(reads);
  }

  function size(kind: string): number | null {
    const known = sizes.get(kind);
    if (known === undefined || clock.now() - known.atMs > freshMs) return null;
    return known.count;
  }

  return { read, size };
}
