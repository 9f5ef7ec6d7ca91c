import type { Trip } from '../../guard/blast-radius.js';
import type { Breaker } from '../../guard/breaker.js';
import type { Pause } from '../../guard/pause.js';
import type { Episode } from '../../ledger/episode.js';
import { executed } from '../../ledger/pipeline.js';
import type { Run } from '../../ledger/run.js';
import type { ConsoleParts, HealthCheck } from '../parts.js';
import { bySeverity, type Item, isStuck, itemOfEscalation, itemOfRun } from './item.js';

/** The first of a list, and how many there are in all. */
export interface Some<T> {
  readonly items: readonly T[];
  readonly total: number;
}

/** What is going on now. */
export interface Overview {
  readonly nowMs: number;
  /** What needs attention, in the order of the page. */
  readonly attention: Some<Item>;
  /** Active runs, the oldest first. */
  readonly runs: Some<Run>;
  /** How many alerts fire. */
  readonly firing: number;
  /** How many alerts are kept at all. */
  readonly alertsKept: number;
  /** Alerts whose decision a guard defers, the longest deferred first. */
  readonly deferred: Some<Episode>;
  readonly pauses: readonly Pause[];
  readonly trip: Trip | null;
  readonly breakers: readonly Breaker[];
  /** How many messages Slack has not taken yet. */
  readonly undelivered: number;
  readonly playbooks: number;
  readonly health: readonly HealthCheck[];
}

/** How many open escalations are read, the newest: all of them, save in a storm that no one could read. */
const maxRead = 1_000;
const maxRuns = 100;
const maxDeferred = 10;

/**
 * Reads what is going on, in two round trips, however much that is. Throws what Redis throws.
 */
export async function readOverview(
  parts: Pick<ConsoleParts, 'ledger' | 'pauses' | 'resets' | 'health' | 'clock' | 'active'>,
): Promise<Overview> {
  const { ledger, clock, active } = parts;
  const { redis, keys } = ledger;
  const [lists, pauses, trip, breakers, health] = await Promise.all([
    executed(
      redis
        .pipeline()
        .zrevrange(keys.openEscalations, 0, maxRead - 1)
        .zrange(keys.activeRuns, '0', String(maxRuns - 1))
        .zrange(keys.held, '0', String(maxDeferred - 1))
        .zcard(keys.openEscalations)
        .zcard(keys.activeRuns)
        .zcard(keys.held)
        .zcard(keys.openEpisodes)
        .zcard(keys.episodes)
        .zcard(keys.undelivered),
    ),
    parts.pauses.list(),
    parts.resets.tripped(),
    parts.resets.openBreakers(),
    parts.health(),
  ]);
  const [escalationIds = [], runIds = [], heldIds = []] = lists as string[][];
  const [open = 0, activeRuns = 0, held = 0, firing = 0, alertsKept = 0, undelivered = 0] = lists
    .slice(3)
    .map(Number);
  const [escalations, runs, deferred] = await Promise.all([
    ledger.escalations(escalationIds),
    ledger.runs(runIds),
    ledger.episodes(heldIds),
  ]);
  const nowMs = clock.now();
  const { library, policy } = active();
  const reported = new Set([...escalations.values()].map(({ runId }) => runId));
  const stuck = [...runs.values()].filter((run) => isStuck(run, nowMs) && !reported.has(run.id));
  const items = [
    ...stuck.map((run) => itemOfRun({ library, policy }, run)),
    ...[...escalations.values()]
      .filter(({ state }) => state === 'open')
      .map((escalation) => itemOfEscalation({ library, policy }, escalation)),
  ].sort(bySeverity);
  return {
    nowMs,
    attention: { items, total: open + stuck.length },
    runs: { items: [...runs.values()], total: activeRuns },
    firing,
    alertsKept,
    deferred: { items: deferred.flatMap((one) => one?.value ?? []), total: held },
    pauses,
    trip,
    breakers,
    undelivered,
    playbooks: library.playbooks.length,
    health,
  };
}
