import type { Notification } from '../../alertmanager/alert.js';
import { identityOfReceived } from '../../alertmanager/identity.js';
import { parseAlert } from '../../alertmanager/payload.js';
import type { Received } from '../../alertmanager/received.js';
import { maxAlerts, type Unreadable } from '../../alertmanager/reduced.js';
import { isUndecided } from '../../ledger/episode.js';
import { InputError } from '../../lib/errors.js';
import type { EngineContext } from '../context/context.js';
import { reportFault } from './report-fault.js';
import { reportMerged } from './report-merged.js';

const shownCharacters = 1_500;
/** How many of a notification's alerts a report shows that could not be read. */
const shownAlerts = 3;

/**
 * Keeps the alerts of a notification that could not be read where a person sees them. All of one source
 * share one report while it is open, so that a sender that never stops fills no one's channel.
 *
 * @param left how many alerts were not taken, because there were too many; they are reported too
 */
export async function quarantine(
  context: EngineContext,
  { source, notification }: Received,
  unreadable: readonly Unreadable[],
  left: number,
): Promise<void> {
  const { groupKey } = notification;
  const lines = unreadable
    .slice(0, shownAlerts)
    .map(({ fault, text }) => `${fault}. The alert: ${text}`);
  const more = unreadable.length - shownAlerts;
  if (more > 0) lines.push(`Jidoka could not read ${more} more alerts of this notification.`);
  if (left > 0) {
    lines.push(
      `alerts: expected at most ${maxAlerts}, got ${maxAlerts + left}; Jidoka dropped the rest. Let Alertmanager group by more labels (group_by).`,
    );
  }
  await reportMerged(context, {
    reason: 'invalid_alert',
    title: 'Unreadable alert',
    about: [source, 'invalid_alert'],
    fault: [
      ...lines,
      `Jidoka accepted the other alerts of its notification (group ${groupKey}).`,
    ].join('\n'),
  });
}

/** Tells a person that Alertmanager left alerts out, which it will not send again by itself. */
export async function reportTruncated(
  context: EngineContext,
  { groupKey, receiver, truncatedAlerts }: Notification,
): Promise<void> {
  context.metrics.alerts.inc({ effect: 'truncated' }, truncatedAlerts);
  await reportFault(
    context,
    'truncated',
    'Alertmanager truncated a notification',
    `${truncatedAlerts} alerts of group ${groupKey} were cut off by max_alerts of receiver ${receiver}, and Alertmanager counts them as delivered. Set max_alerts: 0 there. Until then, Jidoka finds them only with ALERTMANAGER_URL and ALERTMANAGER_RECEIVER.`,
    [groupKey, 'truncated'],
  );
}

/** Hands over what of a notification the engine could not take in or decide, whatever it tried. */
export async function quarantineNotification(
  context: EngineContext,
  received: Received,
  fault: string,
): Promise<void> {
  const { groupKey, alerts } = received.notification;
  const left = await notDecided(context, received);
  if (left.length === 0) return;
  const text = JSON.stringify(left);
  await reportFault(
    context,
    'internal_error',
    'Alerts not accepted',
    `${left.length} of ${alerts.length} alerts of group ${groupKey}: ${fault}\nJidoka does not act on them until Alertmanager delivers them again. The alerts: ${shortened(text)}`,
    [groupKey, text],
  );
}

function shortened(text: string): string {
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;
}

/** Those of a notification's alerts that are not in the ledger, or are owed a decision. */
async function notDecided(
  { ledger, active }: EngineContext,
  received: Received,
): Promise<readonly unknown[]> {
  const ignored = new Set(active().policy.ignoredLabels);
  const { alerts } = received.notification;
  const identities = alerts.map((raw, index) => {
    try {
      return identityOfReceived(received, parseAlert(raw, `alerts[${index}]`).labels, ignored);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return null; // quarantined by itself
    }
  });
  const known = [...new Set(identities.filter((identity) => identity !== null))];
  const stored = await ledger.episodes(known);
  const left = new Set(
    known.filter((_, index) => {
      const episode = stored[index]?.value;
      return episode === undefined || isUndecided(episode);
    }),
  );
  return alerts.filter((_, index) => left.has(identities[index] ?? ''));
}
