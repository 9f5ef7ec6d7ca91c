import type { Clock } from '../lib/clock.js';
import { messageOf } from '../lib/errors.js';
import type { Logger } from '../lib/logger.js';
import type { Count } from './contract/integration.js';

/** How many targets of each kind there are, read every so often and never for a single alert. */
export interface Fleet {
  /** Reads all sizes again. Never throws: a size that cannot be read stays as it was until it is too old. */
  read(): Promise<void>;
  /** The number of targets of a kind; `null`: it is not known, or was read too long ago. See `fleetSize`. */
  size(kind: string): number | null;
}

interface FleetOptions {
  /** How the targets of each kind (`swarm.service`, `asg`) are counted. */
  readonly counts: Readonly<Record<string, Count>>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A size that is older than this is not relied on. */
const freshMs = 15 * 60_000;

export function createFleet({ counts, clock, log }: FleetOptions): Fleet {
  const sizes = new Map<string, { readonly count: number; readonly atMs: number }>();

  async function read(): Promise<void> {
    const reads = Object.entries(counts).map(async ([kind, count]) => {
      if (count === 'uncounted') return;
      try {
        const size = await count();
        if (size !== null) sizes.set(kind, { count: size, atMs: clock.now() });
      } catch (error) {
        log.warn({ kind, fault: messageOf(error) }, 'fleet size not read');
      }
    });
    await Promise.all(reads);
  }

  function known(kind: string): number | null {
    const size = sizes.get(kind);
    return size === undefined || clock.now() - size.atMs > freshMs ? null : size.count;
  }

  return { read, size: (kind) => fleetSize(counts, kind, known) };
}

/**
 * Returns how many targets of a kind there are: infinitely many of a kind that is not counted, so that no
 * share limits them.
 *
 * @param known what is known of a kind that is counted; `null`: nothing
 */
export function fleetSize(
  counts: Readonly<Record<string, Count>>,
  kind: string,
  known: (kind: string) => number | null,
): number | null {
  return counts[kind] === 'uncounted' ? Number.POSITIVE_INFINITY : known(kind);
}
