import { identityOf } from '../alert/identity.js';
import { parseAlert } from '../alert/payload.js';
import { isCommand } from '../alert/source.js';
import { InputError } from '../errors.js';
import { createBatch } from './batch.js';
import type { Decider } from './decider.js';
import { type EngineParts, usualDecisionsAtOnce } from './parts.js';
import { quarantine, reportTruncated } from './quarantine.js';
import type { Received } from './received.js';
import { createTakeIn, type Delivered } from './take-in.js';
import { heartbeat } from './watchdog.js';

/**
 * Takes notifications into the ledger, then decides the episodes that are owed a decision. Everything
 * in it may be done again after a crash.
 */
export function createIntake(parts: EngineParts, decider: Decider) {
  const { clock, metrics, log, decisionsAtOnce = usualDecisionsAtOnce } = parts;
  const takeIn = createTakeIn(parts, decider);

  /**
   * Takes notifications in together, as if they had come one after another.
   *
   * @param onWritten is called when the ledger has them: what is still to be done about them is then on
   *   its agenda
   *
   * @throws what Redis throws; the queue then delivers all of them again. So does whatever else fails,
   *   be it about one alert only.
   */
  async function takeAll(batch: readonly Received[], onWritten?: () => void): Promise<void> {
    const byIdentity = new Map<string, Delivered[]>();
    for (const received of batch) {
      for (const { identity, alert } of await read(received)) {
        const known = byIdentity.get(identity);
        if (known === undefined) byIdentity.set(identity, [{ alert, received }]);
        else known.push({ alert, received });
      }
    }
    const shared = createBatch(parts.actions);
    const undecided = await takeIn(byIdentity, shared);
    onWritten?.();

    const faults: unknown[] = [];
    const left = undecided.values();
    // a target that hangs holds up its own alerts, and not those that come after them
    const decideThoseLeft = async () => {
      for (const stored of left) {
        await decider
          .decideEpisode(stored.value.identity, shared, stored)
          .catch((error: unknown) => faults.push(error));
      }
    };
    await Promise.all(Array.from({ length: decisionsAtOnce }, decideThoseLeft));
    if (faults.length > 0) throw faults[0];
    for (const { receivedAtMs } of batch) {
      metrics.decisionSeconds.observe((clock.now() - receivedAtMs) / 1_000);
    }
  }

  /** The alerts of a notification that can be read; what cannot is shown to a person. */
  async function read(received: Received) {
    const { source, notification } = received;
    const alerts: { identity: string; alert: Delivered['alert'] }[] = [];
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
    const isHeartbeat = ({ alert }: Pick<Delivered, 'alert'>) =>
      alert.status === 'firing' && watchdog?.match.every((one) => one.matches(alert.labels));
    if (alerts.some(isHeartbeat)) await heartbeat(parts, received.receivedAtMs);
    if (notification.truncatedAlerts > 0) await reportTruncated(parts, notification);
    return alerts;
  }

  return { take: (received: Received) => takeAll([received]), takeAll };
}
