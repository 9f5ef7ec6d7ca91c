import { setTimeout as sleep } from 'node:timers/promises';
import type { Alert } from '../../alertmanager/alert.js';
import { isRepeat } from '../../alertmanager/payload.js';
import type { Received } from '../../alertmanager/received.js';
import type { AuditRecord } from '../../ledger/audit.js';
import { retentionMs } from '../../ledger/codec.js';
import { type Episode, isUndecided } from '../../ledger/episode.js';
import type { Stored, StoredEpisode, Unsaved } from '../../ledger/record-reads.js';
import { isRedisFault } from '../../ledger/redis-fault.js';
import { scheduleItem } from '../../ledger/schedule-item.js';
import { createScratch } from '../../ledger/scratch.js';
import type { Write } from '../../ledger/transaction.js';
import { defaultDecisionConcurrency, type EngineContext } from '../context/context.js';
import type { Decider } from '../decision/decider.js';
import { applyAlert, type Effect, maxMembers, otherMembers } from '../episode/apply-alert.js';
import { closeEpisode, closingWrites } from '../episode/close-episode.js';
import { isForgotten } from '../episode/missed-resolution.js';
import type { Batch } from '../reading/batch.js';

/** An alert, and the notification that it came with. */
export interface Delivered {
  readonly alert: Alert;
  readonly received: Received;
}

interface How {
  readonly batch: Batch;
  /** First attempt, no conflict so far. */
  readonly isFirst: boolean;
  /** They are so few that all their targets may be read at the same time. */
  readonly readsEarly: boolean;
}

type Taken =
  | { readonly kind: 'done' }
  | { readonly kind: 'undecided'; readonly episode: StoredEpisode }
  /** Another worker changed it meanwhile: to be taken in again. */
  | { readonly kind: 'conflict' };

const maxConflicts = 50;

/**
 * Brings episodes up to date with what was delivered: opens, repeats, resolves and closes them, and
 * decides those for which that takes no look at any target.
 */
export function createTakeIn(context: EngineContext, { decideUnsaved }: Decider) {
  const { ledger, clock, metrics, log, decisionConcurrency = defaultDecisionConcurrency } = context;

  /**
   * Takes deliveries into their episodes, those of one identity in their order.
   *
   * @param batch what its decisions share
   * @returns the episodes that are still owed a decision, as they were written.
   * @throws what Redis throws.
   */
  async function takeIn(
    byIdentity: ReadonlyMap<string, readonly Delivered[]>,
    batch: Batch,
  ): Promise<readonly StoredEpisode[]> {
    const undecided: StoredEpisode[] = [];
    let left = [...byIdentity.keys()];
    for (let round = 0; left.length > 0; round += 1) {
      if (round === maxConflicts) {
        throw new Error(`${left.length} episodes changed in other engines during every attempt`);
      }
      const stored = await ledger.episodes(left);
      const readsEarly = byIdentity.size <= decisionConcurrency;
      const how = { batch, isFirst: round === 0, readsEarly };
      const results = await Promise.all(
        left.map((identity, index) =>
          takeOne(identity, byIdentity.get(identity) ?? [], stored[index] ?? null, how),
        ),
      );
      left = left.filter((_, index) => results[index]?.kind === 'conflict');
      for (const taken of results) if (taken.kind === 'undecided') undecided.push(taken.episode);
      if (left.length > 0 && round > 0) await sleep(Math.random() * 10 * round);
    }
    return undecided;
  }

  /** Takes the deliveries of one identity into its episode. */
  async function takeOne(
    identity: string,
    delivered: readonly Delivered[],
    stored: Stored<Episode> | null,
    how: How,
  ): Promise<Taken> {
    const nowMs = clock.now();
    const news = delivered.filter(({ received }) => !isRepeat(received.notification));
    const alerts = news.map(({ alert }) => alert);
    if (stored !== null && isForgotten(context, stored.value, alerts, nowMs)) {
      const detail = 'its end was never reported, and it fires again';
      const endsAtMs = stored.value.lastSeenAtMs;
      await closeEpisode(context, stored, { reason: 'stale', detail, nowMs, endsAtMs });
      return { kind: 'conflict' };
    }
    const { episode, effects } = receiveAll(identity, delivered, stored?.value ?? null, nowMs);
    if (episode === null) return { kind: 'done' };
    if (hasOthers(episode) && !hasOthers(stored?.value ?? null)) {
      log.warn(
        { episode: episode.id, maxMembers },
        'too many fingerprints: it closes only when Alertmanager no longer lists it',
      );
    }
    const closing = stored?.value.state === 'open' && episode.state === 'closed';
    const writes: Write[] = [
      ...(closing ? closingWrites(context, episode, nowMs) : []),
      ...reopeningWrites(episode, stored?.value ?? null),
      ['SREM', ledger.keys.muted, identity],
      ...delivered
        .slice(0, effects.length)
        .flatMap(({ received }) => numberWrites(received, episode.id)),
      ...effects.flatMap((event, index) => {
        if (!isNews(event) && stored !== null) return [];
        const about = { atMs: nowMs, subject: 'episode', id: episode.id, event } as const;
        return [ledger.audit({ ...about, ...requestIn(delivered[index]?.received) })];
      }),
    ];
    const rest = delivered.slice(effects.length);
    if (rest.length === 0 && isUndecided(episode)) {
      const decided = await decideNow(episode, { before: stored, writes }, how);
      if (decided === 'decided') count(effects);
      if (decided !== 'later') return { kind: decided === 'decided' ? 'done' : 'conflict' };
    }
    const save = ledger.saveEpisode(stored, episode);
    const result = await ledger.commit({
      checks: [save.check],
      writes: [
        ...save.writes,
        ...writes,
        ...(isUndecided(episode)
          ? [
              [
                'ZADD',
                ledger.keys.schedule,
                'NX',
                nowMs,
                scheduleItem('episode', identity),
              ] as const,
            ]
          : []),
      ],
      nowMs,
    });
    if (result.kind !== 'committed') return { kind: 'conflict' };
    count(effects);
    if (closing)
      for (const id of episode.cases) await context.wake(scheduleItem('case', id), nowMs);
    const written = { rev: (stored?.rev ?? 0) + 1, value: episode };
    if (rest.length > 0) return takeOne(identity, rest, written, how);
    // what Alertmanager delivers, it does not mute
    if (isUndecided(episode)) return { kind: 'undecided', episode: { ...written, muted: false } };
    return { kind: 'done' };
  }

  /** What fails here by its own fault is written down first, and its fault is met when it is decided. */
  async function decideNow(value: Episode, unsaved: Unsaved<Episode>, { batch, ...how }: How) {
    try {
      const rev = unsaved.before?.rev ?? 0;
      return await decideUnsaved({ rev, value, unsaved, muted: false }, batch, how);
    } catch (error) {
      if (isRedisFault(error)) throw error;
      return 'later' as const;
    }
  }

  function count(effects: readonly Effect[]): void {
    for (const effect of effects) metrics.alerts.inc({ effect });
  }

  /** Which episode a command became, for its caller. */
  function numberWrites({ commandNumber }: Received, episodeId: string): Write[] {
    if (commandNumber === undefined) return [];
    const key = ledger.keys.command(commandNumber);
    return [
      ['HSET', key, 'episode', episodeId],
      ['PEXPIRE', key, retentionMs],
    ];
  }

  /** A reopened episode fires again in the cases that it left when it closed. */
  function reopeningWrites(episode: Episode, before: Episode | null) {
    if (before?.state !== 'closed' || episode.id !== before.id || episode.state !== 'open') {
      return [];
    }
    return ledger.rejoinCases(episode);
  }

  return takeIn;
}

/** As many deliveries as are written down in one go, in their order; at least one. */
function receiveAll(
  identity: string,
  delivered: readonly Delivered[],
  before: Episode | null,
  nowMs: number,
): { readonly episode: Episode | null; readonly effects: readonly Effect[] } {
  const effects: Effect[] = [];
  const scratch = createScratch();
  let episode = before;
  for (const { alert, received } of delivered) {
    const taken = applyAlert(episode, alert, deliveryOf(received, identity, nowMs), scratch);
    // an episode that ends here is written down before the next one takes its place
    if (effects.length > 0 && taken.episode.id !== episode?.id) break;
    episode = taken.episode;
    effects.push(taken.effect);
  }
  return { episode, effects };
}

function deliveryOf(received: Received, identity: string, nowMs: number) {
  const { source, receivedAtMs, mutingUnseen, manual } = received;
  const { groupKey, externalUrl, routeLabels } = received.notification;
  const repeats = isRepeat(received.notification);
  const said = { groupKey, externalUrl, routeLabels, repeats };
  return { identity, source, ...said, mutingUnseen, manual, receivedAtMs, nowMs };
}

/** Who runs which playbook by hand, and why, for the record of its beginning. */
function requestIn(received: Received | undefined): Partial<AuditRecord> {
  const { manual } = received ?? {};
  return manual === undefined
    ? {}
    : { playbook: manual.playbook, by: manual.by, detail: manual.why };
}

/** Whether more fingerprints fire than are told apart. */
function hasOthers(episode: Episode | null): boolean {
  return episode !== null && Object.hasOwn(episode.members, otherMembers);
}

/** Repeats are counted in the episode, not recorded one by one; what begins an episode always is. */
function isNews(effect: Effect): boolean {
  return !['repeated', 'resolved_before', 'overtaken'].includes(effect);
}
