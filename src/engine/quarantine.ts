import type { Notification } from '../alert/alert.js';
import { identityOf } from '../alert/identity.js';
import { parseAlert } from '../alert/payload.js';
import { InputError } from '../errors.js';
import { isUndecided } from '../ledger/episode.js';
import type { EngineParts } from './parts.js';
import type { Received } from './received.js';
import { reportFault } from './report-fault.js';
import { reportMerged } from './report-merged.js';

const shownCharacters = 1_500;

/**
 * Keeps an alert that could not be read where a person sees it. All of one source share one report
 * while it is open, so that a sender that never stops fills nobody's channel.
 */
export async function quarantine(
  parts: EngineParts,
  { source, notification }: Received,
  raw: unknown,
  fault: InputError,
): Promise<void> {
  const alert = shown(raw);
  await reportMerged(parts, {
    reason: 'invalid_alert',
    title: 'An alert could not be read',
    about: [source, 'invalid_alert'],
    fault: `${fault.message}\nThe other alerts of its notification (group ${notification.groupKey}) were taken. The alert: ${alert}`,
  });
}

/** Tells a person that Alertmanager left alerts out, which it will not send again by itself. */
export async function reportTruncated(
  parts: EngineParts,
  { groupKey, receiver, truncatedAlerts }: Notification,
): Promise<void> {
  parts.metrics.alerts.inc({ effect: 'truncated' }, truncatedAlerts);
  await reportFault(
    parts,
    'truncated',
    'Alertmanager left alerts out',
    `${truncatedAlerts} alerts of group ${groupKey} were cut off by max_alerts of receiver ${receiver}, and Alertmanager counts them as delivered. Set max_alerts: 0 there; until then only ALERTMANAGER_URL and ALERTMANAGER_RECEIVER let Jidoka find them.`,
    [groupKey, 'truncated'],
  );
}

/** Hands over what of a notification the engine could not take in or decide, whatever it tried. */
export async function quarantineNotification(
  parts: EngineParts,
  { notification }: Received,
  fault: string,
): Promise<void> {
  const { groupKey, alerts } = notification;
  const left = await notDecided(parts, notification);
  if (left.length === 0) return;
  const text = JSON.stringify(left);
  await reportFault(
    parts,
    'internal_error',
    'Alerts could not be taken in',
    `${left.length} of ${alerts.length} alerts of group ${groupKey}: ${fault}\nNobody acts on them until they are delivered or decided again. The alerts: ${shortened(text)}`,
    [groupKey, text],
  );
}

/** What was posted, for a person; lists within lists are written down to some thousand levels only. */
function shown(raw: unknown): string {
  try {
    return shortened(JSON.stringify(raw));
  } catch (error) {
    if (error instanceof RangeError) return 'it is nested too deeply to be shown';
    throw error;
  }
}

function shortened(text: string): string {
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;
}

/** Those of a notification's alerts that are not in the ledger, or are owed a decision. */
async function notDecided(
  { ledger, active }: EngineParts,
  { alerts }: Notification,
): Promise<readonly unknown[]> {
  const ignored = new Set(active().policy.ignoredLabels);
  const identities = alerts.map((raw, index) => {
    try {
      return identityOf(parseAlert(raw, `alerts[${index}]`).labels, ignored);
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
