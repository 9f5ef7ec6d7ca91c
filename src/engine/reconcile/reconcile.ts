import type { AlertmanagerCluster } from '../../alertmanager/alertmanager-cluster.js';
import type { Received } from '../../alertmanager/received.js';
import { takePeriodicLease } from '../../ledger/periodic-lease.js';
import type { RedisContext } from '../context/context.js';
import { heartbeat } from '../health/watchdog.js';
import { isRoutedTo, snapshotOf } from './alertmanager-snapshot.js';
import { type AbsenceRule, closeGone } from './close-missing.js';
import { openMissed, rememberMuted } from './open-missed.js';

/** The times of reconciliation that the policy does not hold. */
export interface ReconcileTimes extends AbsenceRule {
  /** How often the cell reads Alertmanager. */
  readonly everyMs: number;
  /** For how long after its start a member's list is no proof of absence: until Prometheus has sent everything again. */
  readonly freshMs: number;
}

const defaultTimes: ReconcileTimes = {
  everyMs: 30_000,
  freshMs: 5 * 60_000,
  closeAfterMs: 5 * 60_000,
  closeAfterReadings: 3,
};

interface ReconcilerOptions {
  readonly context: RedisContext;
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
  context,
  cluster,
  take,
  times = defaultTimes,
}: ReconcilerOptions): () => Promise<void> {
  const { ledger, clock, metrics, log } = context;

  /** @throws what Redis throws; the next turn starts again. */
  return async function reconcile(): Promise<void> {
    if (!(await takePeriodicLease(ledger, 'reconcile', times.everyMs, clock.now()))) return;
    const { ignoredLabels, alertmanager, watchdog } = context.active().policy;
    const { groupWaitMs } = alertmanager;
    const readAtMs = clock.now();
    const { members, faults } = await cluster.read();
    for (const fault of faults) log.warn({ fault }, 'Alertmanager not readable');
    if (members.length === 0) {
      metrics.reconciliations.inc({ result: 'failed' });
      return;
    }
    const { receiver } = cluster;
    const snapshot = snapshotOf({
      members,
      receiver,
      ignoredLabels: new Set(ignoredLabels),
      readAtMs,
      groupWaitMs,
      freshMs: times.freshMs,
    });
    await rememberMuted(context, snapshot);
    const isWatchdogThere = members
      .flatMap(({ alerts }) => alerts.filter((listed) => isRoutedTo(receiver, listed)))
      .some(({ alert }) => watchdog?.match.every((matcher) => matcher.matches(alert.labels)));
    if (isWatchdogThere) await heartbeat(context, readAtMs);
    const opened =
      receiver === undefined
        ? 0
        : await openMissed(context, take, snapshot, { readAtMs, groupWaitMs });
    const closed = snapshot.complete ? await closeGone(context, snapshot, times, readAtMs) : 0;
    metrics.reconciliations.inc({ result: faults.length === 0 ? 'complete' : 'partial' });
    if (opened + closed > 0) log.info({ opened, closed }, 'missed alerts opened from Alertmanager');
  };
}
