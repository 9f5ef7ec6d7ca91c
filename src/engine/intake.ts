import { setTimeout as sleep } from 'node:timers/promises';
import type { Alert } from '../alert/alert.js';
import { identityOf } from '../alert/identity.js';
import { parseAlert } from '../alert/payload.js';
import { isCommand } from '../alert/source.js';
import { InputError } from '../errors.js';
import { type Episode, isUndecided } from '../ledger/episode.js';
import type { Stored } from '../ledger/reads.js';
import { type Effect, receive } from '../ledger/receive.js';
import { retentionMs } from '../ledger/record-form.js';
import type { Write } from '../ledger/transaction.js';
import { closeEpisode, closingWrites } from './close-episode.js';
import type { Decider } from './decider.js';
import { isForgotten } from './forgotten.js';
import type { EngineParts } from './parts.js';
import { quarantine, reportTruncated } from './quarantine.js';
import type { Received } from './received.js';
import { createTargetReader } from './resolve.js';
import { heartbeat } from './watchdog.js';

const mostConflicts = 50;

/**
 * Takes notifications into the ledger: opens, repeats, resolves and closes episodes, then decides
 * those that are owed a decision. Everything in it may be done again after a crash.
 */
export function createIntake(parts: EngineParts, decider: Decider) {
  const { ledger, clock, metrics, log, decisionsAtOnce = 16 } = parts;

  /** @throws what Redis throws; the queue then delivers the notification again. */
  async function take(received: Received): Promise<void> {
    const { source, notification } = received;
    const alerts: { alert: Alert; identity: string }[] = [];
    // all parameters of a command say what is asked for
    const ignored = new Set(isCommand(source) ? [] : parts.active().policy.ignoredLabels);
    for (const [index, raw] of notification.alerts.entries()) {
      try {
        const alert = parseAlert(raw, `alerts[${index}]`);
        alerts.push({ alert, identity: identityOf(alert.labels, ignored) });
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        metrics.alerts.inc({ effect: 'quarantined' });
        log.warn({ groupKey: notification.groupKey, fault: error.message }, 'alert quarantined');
        await quarantine(parts, received, raw, error);
      }
    }
    const { watchdog } = parts.active().policy;
    const isHeartbeat = ({ alert }: { alert: Alert }) =>
      alert.status === 'firing' && watchdog?.match.every((one) => one.matches(alert.labels));
    if (alerts.some(isHeartbeat)) await heartbeat(parts, received.receivedAtMs);
    if (notification.truncatedAlerts > 0) await reportTruncated(parts, notification);

    const byIdentity = new Map<string, Alert[]>();
    for (const { alert, identity } of alerts) {
      const known = byIdentity.get(identity);
      if (known === undefined) byIdentity.set(identity, [alert]);
      else known.push(alert);
    }
    const undecided = await takeInto(byIdentity, received);

    const observe = createTargetReader(parts.actions);
    const faults: unknown[] = [];
    for (let start = 0; start < undecided.length; start += decisionsAtOnce) {
      const batch = undecided.slice(start, start + decisionsAtOnce);
      const decisions = await Promise.allSettled(
        batch.map((identity) => decider.decideEpisode(identity, observe)),
      );
      faults.push(
        ...decisions.flatMap((each) => (each.status === 'rejected' ? [each.reason] : [])),
      );
    }
    if (faults.length > 0) throw faults[0];
    metrics.decisionSeconds.observe((clock.now() - received.receivedAtMs) / 1_000);
  }

  /** Brings the episodes up to date; gives back the identities that are owed a decision. */
  async function takeInto(
    byIdentity: ReadonlyMap<string, readonly Alert[]>,
    received: Received,
  ): Promise<string[]> {
    const undecided: string[] = [];
    let left = [...byIdentity.keys()];
    for (let round = 0; left.length > 0; round += 1) {
      if (round === mostConflicts) {
        throw new Error(`${left.length} episodes are changed by others faster than by us`);
      }
      const stored = await ledger.episodes(left);
      const results = await Promise.all(
        left.map((identity, index) =>
          takeOne(identity, byIdentity.get(identity) ?? [], stored[index] ?? null, received),
        ),
      );
      left = left.filter((identity, index) => {
        const episode = results[index];
        if (episode != null && isUndecided(episode)) undecided.push(identity);
        return episode == null;
      });
      if (left.length > 0 && round > 0) await sleep(Math.random() * 10 * round);
    }
    return undecided;
  }

  /** Takes the alerts of one identity into its episode; `null`: somebody else changed it meanwhile. */
  async function takeOne(
    identity: string,
    alerts: readonly Alert[],
    stored: Stored<Episode> | null,
    received: Received,
  ): Promise<Episode | null> {
    const { source, notification, receivedAtMs } = received;
    const nowMs = clock.now();
    if (stored !== null && isForgotten(parts, stored.value, alerts, nowMs)) {
      const detail = 'its end was never reported, and it fires anew';
      const endsAtMs = stored.value.lastSeenAtMs;
      await closeEpisode(parts, stored, { reason: 'stale', detail, nowMs, endsAtMs });
      return null;
    }
    const { groupKey, externalUrl } = notification;
    const { mutingUnseen } = received;
    const delivery = {
      identity,
      source,
      groupKey,
      externalUrl,
      mutingUnseen,
      receivedAtMs,
      nowMs,
    };
    const effects: Effect[] = [];
    let episode = stored?.value ?? null;
    for (const alert of alerts) {
      const taken = receive(episode, alert, delivery);
      // an episode that ends here is written down before the next one takes its place
      if (effects.length > 0 && taken.episode.id !== episode?.id) break;
      episode = taken.episode;
      effects.push(taken.effect);
    }
    if (episode === null) return null;
    const save = ledger.saveEpisode(stored, episode);
    const closing = stored?.value.state === 'open' && episode.state === 'closed';
    const result = await ledger.commit({
      checks: [save.check],
      writes: [
        ...save.writes,
        ...(closing ? closingWrites(parts, episode, nowMs) : []),
        ...reopeningWrites(episode, stored?.value ?? null),
        // what Alertmanager delivers, it does not mute
        ['SREM', ledger.keys.muted, identity],
        ...numberWrites(received, episode.id),
        ...(isUndecided(episode)
          ? [['ZADD', ledger.keys.agenda, 'NX', nowMs, `episode:${identity}`] as const]
          : []),
        ...effects
          .filter((effect) => isNews(effect) || stored === null)
          .map((event) => ledger.audit({ atMs: nowMs, subject: 'episode', id: episode.id, event })),
      ],
      nowMs,
    });
    if (result.kind !== 'committed') return null;
    for (const effect of effects) metrics.alerts.inc({ effect });
    if (closing) for (const id of episode.cases) await parts.wake(`case:${id}`, nowMs);
    const rest = alerts.slice(effects.length);
    if (rest.length === 0) return episode;
    return takeOne(identity, rest, { rev: (stored?.rev ?? 0) + 1, value: episode }, received);
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

  return { take };
}

/** Repeats are counted in the episode, not recorded one by one; what begins an episode always is. */
function isNews(effect: Effect): boolean {
  return !['repeated', 'resolved_before', 'overtaken'].includes(effect);
}
