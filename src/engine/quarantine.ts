import type { Notification } from '../alert/alert.js';
import type { InputError } from '../errors.js';
import type { EngineParts } from './parts.js';
import type { Received } from './received.js';
import { reportFault } from './report-fault.js';

const shownCharacters = 1_500;

/** Keeps an alert that could not be read where a person sees it, once however often it is delivered. */
export async function quarantine(
  parts: EngineParts,
  notification: Notification,
  raw: unknown,
  fault: InputError,
): Promise<void> {
  const text = JSON.stringify(raw);
  await reportFault(
    parts,
    'invalid_alert',
    'An alert could not be read',
    `${fault.message}\nThe other alerts of its notification (group ${notification.groupKey}) were taken. The alert: ${shortened(text)}`,
    [notification.groupKey, text],
  );
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

/** Hands a notification over that the engine could not take in, whatever it tried. */
export async function quarantineNotification(
  parts: EngineParts,
  { notification }: Received,
  fault: string,
): Promise<void> {
  const { groupKey, alerts } = notification;
  const text = JSON.stringify(alerts);
  await reportFault(
    parts,
    'internal_error',
    'A notification could not be taken in',
    `${alerts.length} alerts of group ${groupKey}: ${fault}\nNobody acts on them. The alerts: ${shortened(text)}`,
    [groupKey, text],
  );
}

function shortened(text: string): string {
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;
}
