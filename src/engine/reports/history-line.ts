import type { Notification } from '../../alertmanager/alert.js';
import type { ManualRun } from '../../alertmanager/command.js';
import { parseNotification, sourceOf } from '../../alertmanager/payload.js';
import type { Received } from '../../alertmanager/received.js';
import { isSource, sources } from '../../alertmanager/source.js';
import { parseTimestamp } from '../../alertmanager/timestamp.js';
import { InputError } from '../../lib/errors.js';

/** How a notification came in: it was posted to us, or found in Alertmanager's API. */
export type Via = 'webhook' | 'reconciliation';

/** One notification as the history keeps and shows it: a line of JSON, without its line break. */
export function toHistoryLine(received: Received, via: Via): string {
  const { source, receivedAtMs, notification, mutingUnseen, manual } = received;
  // what is odd is told when it is taken in
  const { externalUrl, reason, odd: _, ...body } = notification;
  return JSON.stringify({
    received_at: new Date(receivedAtMs).toISOString(),
    source,
    via,
    ...(mutingUnseen && { muting_unseen: true }),
    ...(manual && { manual }),
    notification: {
      version: '4',
      ...body,
      ...(reason !== undefined && { notification_reason: reason }),
      externalURL: externalUrl,
    },
  });
}

/**
 * Reads a line of a history: one of ours, or the bare body of a webhook. A body carries no time; it
 * counts as received at its own `received_at`, else when the latest of its alerts started or ended,
 * and then not before `earliestMs`.
 *
 * @throws InputError that says what was expected.
 */
export function readHistoryLine(line: string, earliestMs = Number.NEGATIVE_INFINITY): Received {
  const value = parsed(line);
  if (!('notification' in value)) {
    const notification = parseNotification(value);
    const receivedAtMs = timeIn(value) ?? Math.max(latestTime(notification), earliestMs);
    return { source: sourceOf(value), receivedAtMs, notification };
  }
  const receivedAtMs = timeIn(value);
  if (receivedAtMs === undefined) throw withoutTime('received_at', value.received_at);
  const { source = 'alertmanager' } = value;
  if (!isSource(source)) {
    throw new InputError(`source: expected one of ${sources.join(', ')}`, 'source');
  }
  return {
    source,
    receivedAtMs,
    notification: parseNotification(value.notification),
    ...(value.muting_unseen === true && { mutingUnseen: true }),
    ...(source === 'manual' && { manual: manualIn(value.manual) }),
  };
}

/** @throws InputError where a run by hand does not say of which playbook. */
function manualIn(value: unknown): ManualRun {
  const fields = (typeof value === 'object' && value !== null ? value : {}) as Partial<ManualRun>;
  const { key = '', playbook, by = '', why = '' } = fields;
  if (typeof playbook === 'string') {
    return { key: String(key), playbook, by: String(by), why: String(why) };
  }
  throw new InputError('manual.playbook: expected the name of a playbook', 'manual.playbook');
}

function parsed(line: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    value = undefined;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw new InputError(
    'expected a JSON object: a line of /api/v1/history, or the body of a webhook',
    '',
  );
}

function timeIn(value: Readonly<Record<string, unknown>>): number | undefined {
  const { received_at: text } = value;
  if (text === undefined) return undefined;
  const ms = typeof text === 'string' ? parseTimestamp(text) : undefined;
  if (ms === undefined) throw withoutTime('received_at', text);
  return ms;
}

function latestTime({ alerts }: Notification): number {
  let latest = Number.NEGATIVE_INFINITY;
  for (const alert of alerts) {
    const { status, startsAt, endsAt } = (alert ?? {}) as Readonly<Record<string, unknown>>;
    for (const text of status === 'resolved' ? [endsAt, startsAt] : [startsAt]) {
      const ms = typeof text === 'string' ? parseTimestamp(text) : undefined;
      if (ms !== undefined && ms > latest) latest = ms;
    }
  }
  if (latest > 0) return latest;
  throw new InputError(
    'expected "received_at", or an alert with startsAt (endsAt where it resolved), to tell when it arrived',
    'received_at',
  );
}

function withoutTime(path: string, value: unknown): InputError {
  const got = value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 60);
  return new InputError(
    `${path}: expected an RFC 3339 time such as 2026-01-31T08:15:00.123Z, got ${got}`,
    path,
  );
}
