import type { AnnouncedWorld } from '../../announcements/announced-world.js';
import type { Clock } from '../../lib/clock.js';
import { messageOf } from '../../lib/errors.js';
import type { Logger } from '../../lib/logger.js';
import type { Metrics } from '../../lib/metrics.js';
import type { DescribedWorld } from '../../monitoring/described-service.js';
import type { Target } from './change.js';
import type { EvidenceSource, TargetHistory } from './evidence.js';

/** How a connection is: what answers, or why it does not, and which variable to set. */
export interface ConnectionState {
  readonly state: 'connected' | 'failed' | 'not_configured';
  readonly detail: string;
}

/** A target as people call it, and every id that they may write for it. */
export interface KnownTarget {
  readonly name: string;
  readonly ids: readonly string[];
}

/** Something about a target that cannot be read, for a report to people. */
export interface UnreadableTarget {
  readonly target: Target;
  readonly title: string;
  readonly detail: string;
}

/** What a watch is given. */
export interface WatchContext {
  /** Reports it once while the report is open. Throws where it cannot be recorded. */
  report(unreadable: UnreadableTarget): Promise<void>;
  /** Takes what services say about their monitoring whenever it may have changed; `null`: it cannot be seen. */
  describe(world: DescribedWorld | null): void;
  /** Takes what can be announced whenever it may have changed; `null`: it cannot be seen. */
  announce?(world: AnnouncedWorld | null): void;
  /** Where it leaves what happened to targets. */
  readonly history: TargetHistory;
  /** Whether a run is over; `undefined`: the ledger does not know it. Throws what Redis throws. */
  isOver(runId: string): Promise<boolean | undefined>;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A look at a system every so often, besides what alerts ask of it. */
export interface Watch {
  /** Looks at it. Throws where it does not answer. */
  look(): Promise<void>;
  /**
   * The system as logs call it, where it is one that answers or does not: `Docker Swarm`. Then
   * `jidoka_target_up` says which.
   */
  readonly system?: string;
  /** What waits while it does not answer, for the log; left out: actions on it. */
  readonly waits?: string;
  /** Tells from the error of a first look that the system is not configured. */
  isAbsent?(error: unknown): boolean;
  /** Called when it has stopped to answer. */
  onLost?(): void;
  /** Ends what the watch has begun. */
  stop?(): Promise<void>;
}

/** A connected system, besides what its actions do. */
export interface Connected<Clients> {
  /** What its actions work through. */
  readonly clients: Clients;
  /** Says how the connection is, with a call that changes nothing. `undefined`: there is nothing to say. */
  check(): Promise<ConnectionState | undefined>;
  /** The lists in which a name that a person gives is looked up. Each throws what its call throws. */
  readonly lists: readonly ((name: string) => Promise<readonly KnownTarget[]>)[];
  /** What it can say about what an alert is about; left out: nothing. */
  readonly evidence?: EvidenceSource;
  /** Begins to watch it; left out: there is nothing to look at. */
  watch?(context: WatchContext): Watch;
}

/**
 * Makes a call that says how a connection is.
 *
 * @param advice what to set or to check where it fails
 */
export async function tryConnection(
  advice: string,
  call: () => Promise<string>,
): Promise<ConnectionState> {
  try {
    return { state: 'connected', detail: await call() };
  } catch (error) {
    return { state: 'failed', detail: `${messageOf(error)}; ${advice}` };
  }
}
