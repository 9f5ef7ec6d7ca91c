import { identityOfReceived } from '../../alertmanager/identity.js';
import type { OddField } from '../../alertmanager/odd-field.js';
import { parseAlert } from '../../alertmanager/payload.js';
import type { Received } from '../../alertmanager/received.js';
import { excerptIn, excerptOf, maxAlerts, type Unreadable } from '../../alertmanager/reduced.js';
import { isCommand } from '../../alertmanager/source.js';
import { InputError } from '../../lib/errors.js';
import { defaultDecisionConcurrency, type EngineContext } from '../context/context.js';
import type { Decider } from '../decision/decider.js';
import { createOddFields } from '../faults/odd-fields.js';
import { quarantine, reportTruncated } from '../faults/quarantine.js';
import { heartbeat } from '../health/watchdog.js';
import { createBatch } from '../reading/batch.js';
import { createTakeIn, type Delivered } from './take-in.js';

/**
 * Takes notifications into the ledger, then decides the episodes that are owed a decision. Everything
 * in it may be done again after a crash.
 */
export function createIntake(context: EngineContext, decider: Decider) {
  const { clock, metrics, log, decisionConcurrency = defaultDecisionConcurrency } = context;
  const takeIn = createTakeIn(context, decider);
  const tellOdd = createOddFields(context);

  /**
   * Takes notifications in together, as if they had come one after another.
   *
   * @throws what Redis throws; the queue then delivers all of them again. So does whatever else fails,
   *   be it about one alert only.
   */
  async function takeAll(batch: readonly Received[]): Promise<void> {
    const byIdentity = new Map<string, Delivered[]>();
    for (const received of batch) {
      for (const { identity, alert } of await read(received)) {
        const known = byIdentity.get(identity);
        if (known === undefined) byIdentity.set(identity, [{ alert, received }]);
        else known.push({ alert, received });
      }
    }
    const shared = createBatch(context.actions);
    const undecided = await takeIn(byIdentity, shared);

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
    await Promise.all(Array.from({ length: decisionConcurrency }, decideThoseLeft));
    if (faults.length > 0) throw faults[0];
    for (const { receivedAtMs } of batch) {
      metrics.decisionSeconds.observe((clock.now() - receivedAtMs) / 1_000);
    }
  }

  /** The alerts of a notification that can be read; what cannot is shown to a person. */
  async function read(received: Received) {
    const { source, receivedAtMs, notification } = received;
    const { groupKey } = notification;
    const onOdd = (odd: OddField) => tellOdd(odd, groupKey);
    for (const odd of notification.odd ?? []) onOdd(odd);
    const alerts: { identity: string; alert: Delivered['alert'] }[] = [];
    const ignored = new Set(context.active().policy.ignoredLabels);
    const unreadable: Unreadable[] = [];
    const input = { receivedAtMs, groupStatus: notification.status, onOdd };
    for (const [index, raw] of notification.alerts.slice(0, maxAlerts).entries()) {
      const excerpt = excerptIn(raw);
      if (excerpt !== null) {
        unreadable.push(excerpt);
        continue;
      }
      try {
        const alert = parseAlert(raw, `alerts[${index}]`, input);
        alerts.push({ alert, identity: identityOfReceived(received, alert.labels, ignored) });
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        unreadable.push({ text: excerptOf(raw), fault: error.message });
      }
    }
    const { leftOut = 0 } = notification;
    const left = Math.max(0, notification.alerts.length - maxAlerts) + leftOut;
    if (unreadable.length > 0 || left > 0) {
      const count = unreadable.length + left;
      metrics.alerts.inc({ effect: 'quarantined' }, count);
      log.warn({ groupKey, alerts: count, fault: unreadable[0]?.fault }, 'alerts quarantined');
      await quarantine(context, received, unreadable, left);
    }
    const { watchdog } = context.active().policy;
    // a call can have any name
    const isHeartbeat = ({ alert }: Pick<Delivered, 'alert'>) =>
      !isCommand(source) &&
      alert.status === 'firing' &&
      watchdog?.match.every((one) => one.matches(alert.labels));
    if (alerts.some(isHeartbeat)) await heartbeat(context, received.receivedAtMs);
    if (notification.truncatedAlerts > 0) await reportTruncated(context, notification);
    return alerts;
  }

  return { take: (received: Received) => takeAll([received]), takeAll };
}
