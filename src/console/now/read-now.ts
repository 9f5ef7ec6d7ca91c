import type { Trip } from '../../guard/blast-radius.js';
import type { Breaker } from '../../guard/breaker.js';
import type { Pause } from '../../guard/pause.js';
import type { Episode } from '../../ledger/episode.js';
import type { Escalation } from '../../ledger/escalation.js';
import { createPages, type Membership } from '../../ledger/pages.js';
import { executed } from '../../ledger/pipeline.js';
import type { Run } from '../../ledger/run.js';
import type { ConsoleParts, HealthCheck } from '../parts.js';

/** The first of a list, and how many there are in all. */
export interface Some<T> {
  readonly items: readonly T[];
  readonly total: number;
}

/** What is going on now. */
export interface Now {
  readonly nowMs: number;
  /** What waits for a person, the most urgent first. */
  readonly waiting: Some<Escalation & Membership>;
  readonly running: Some<Run & Membership>;
  readonly firing: Some<Episode>;
  /** Alerts whose decision a guard holds, the longest held first. */
  readonly held: Some<Episode>;
  readonly pauses: readonly Pause[];
  readonly trip: Trip | null;
  readonly breakers: readonly Breaker[];
  /** How many questions and reports Slack has not taken yet. */
  readonly undelivered: number;
  readonly health: readonly HealthCheck[];
}

/** How many of each list are shown: more than anybody reads at once. */
const maxShown = 30;

/** Reads what is going on: so many round trips, however much that is. Throws what Redis throws. */
export async function readNow(
  parts: Pick<ConsoleParts, 'ledger' | 'pauses' | 'resets' | 'health' | 'clock'>,
): Promise<Now> {
  const { ledger, clock } = parts;
  const { redis, keys } = ledger;
  const pages = createPages({ ledger });
  const request = { limit: maxShown, before: undefined, openOnly: true };
  const [counts, waiting, running, firing, held, pauses, trip, breakers, health] =
    await Promise.all([
      executed(
        redis
          .pipeline()
          .zcard(keys.openEscalations)
          .zcard(keys.activeRuns)
          .zcard(keys.openEpisodes)
          .zcard(keys.held)
          .zcard(keys.undelivered),
      ),
      pages.escalations(request),
      pages.runs(request),
      pages.episodes(request),
      redis.zrange(keys.held, '0', String(maxShown - 1)).then(ledger.episodes),
      parts.pauses.list(),
      parts.resets.tripped(),
      parts.resets.openBreakers(),
      parts.health(),
    ]);
  const [openEscalations = 0, activeRuns = 0, openEpisodes = 0, heldEpisodes = 0, undelivered = 0] =
    counts.map(Number);
  return {
    nowMs: clock.now(),
    waiting: { items: waiting.items.toSorted(byUrgency), total: openEscalations },
    running: { items: running.items, total: activeRuns },
    firing: { items: firing.items, total: openEpisodes },
    held: { items: held.flatMap((one) => one?.value ?? []), total: heldEpisodes },
    pauses,
    trip,
    breakers,
    undelivered,
    health,
  };
}

/** What is lost first comes first: questions by when they expire, then the newest. */
function byUrgency(one: Escalation, other: Escalation): number {
  const rank = ({ kind, expiresAtMs }: Escalation) =>
    kind === 'report' ? Number.MAX_VALUE : (expiresAtMs ?? Number.MAX_SAFE_INTEGER);
  return rank(one) - rank(other) || other.createdAtMs - one.createdAtMs;
}
