import type { AlertmanagerCluster } from '../alert/alertmanager-cluster.js';
import { takeTurn } from '../ledger/turn.js';
import { type AbsenceRule, closeGone } from './absence.js';
import { openMissed, rememberMuted } from './catch-up.js';
import type { RedisParts } from './parts.js';
import { pictureOf } from './picture.js';
import type { Received } from './received.js';
import { heartbeat } from './watchdog.js';

/** The times of reconciliation that the policy does not hold. */
export interface ReconcileTimes extends AbsenceRule {
  /** How often the cell reads Alertmanager. */
  readonly everyMs: number;
  /** For how long after its start a member's list is no proof of absence: until Prometheus has sent everything again. */
  readonly freshMs: number;
}

const usualTimes: ReconcileTimes = {
  everyMs: 30_000,
  freshMs: 5 * 60_000,
  closeAfterMs: 5 * 60_000,
  closeAfterReadings: 3,
};

interface ReconcilerOptions {
  readonly parts: RedisParts;
  readonly cluster: AlertmanagerCluster;
  /** The engine's own intake: what is found is taken in as if it had been delivered. */
  readonly take: (received: Received) => Promise<void>;
  readonly times?: ReconcileTimes;
}

/**
 * Compares the ledger with what Alertmanager's API says: opens what the webhook missed, closes what
 * is surely gone, and knows what is muted. It may be called at any time, by any worker: once per
 * cell and `everyMs` it reads.
 */
export function createReconciler({
  parts,
  cluster,
  take,
  times = usualTimes,
}: ReconcilerOptions): () => Promise<void> {
  const { ledger, clock, metrics, log } = parts;

  /** @throws what Redis throws; the next turn begins anew. */
  return async function reconcile(): Promise<void> {
    if (!(await takeTurn(ledger, 'reconcile', times.everyMs, clock.now()))) return;
    const { ignoredLabels, alertmanager, watchdog } = parts.active().policy;
    const { groupWaitMs } = alertmanager;
    const readAtMs = clock.now();
    const { members, faults } = await cluster.read();
    for (const fault of faults) log.warn({ fault }, 'Alertmanager could not be read');
    if (members.length === 0) {
      metrics.reconciliations.inc({ result: 'failed' });
      return;
    }
    const { receiver } = cluster;
    const picture = pictureOf({
      members,
      receiver,
      ignoredLabels: new Set(ignoredLabels),
      readAtMs,
      groupWaitMs,
      freshMs: times.freshMs,
    });
    await rememberMuted(parts, picture);
    const isWatchdogThere = members.some(({ alerts }) =>
      alerts.some(({ alert }) => watchdog?.match.every((matcher) => matcher.matches(alert.labels))),
    );
    if (isWatchdogThere) await heartbeat(parts, readAtMs);
    const opened =
      receiver === undefined
        ? 0
        : await openMissed(parts, take, picture, { readAtMs, groupWaitMs });
    const closed = picture.witnessed ? await closeGone(parts, picture, times, readAtMs) : 0;
    metrics.reconciliations.inc({ result: faults.length === 0 ? 'complete' : 'partial' });
    if (opened + closed > 0) log.info({ opened, closed }, 'caught up with Alertmanager');
  };
}
