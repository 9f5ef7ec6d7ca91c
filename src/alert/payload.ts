import { InputError } from '../errors.js';
import type { Alert, Labels, Notification } from './alert.js';
import { goZeroTimeMs, parseTimestamp } from './timestamp.js';

type Fields = Readonly<Record<string, unknown>>;

/**
 * The body of Alertmanager's webhook, version 4 (`template.Data` and `webhook.Message` in its source),
 * as far as it is read here.
 */
export interface PostedNotification {
  readonly groupKey: string;
  readonly receiver: string;
  readonly status: 'firing' | 'resolved';
  readonly truncatedAlerts?: number | null;
  readonly externalURL?: string | null;
  readonly groupLabels?: Labels | null;
  readonly commonLabels?: Labels | null;
  readonly commonAnnotations?: Labels | null;
  readonly alerts: readonly unknown[];
}

/**
 * Reads the body of Alertmanager's webhook, version 4.
 *
 * @throws InputError with the JSON path of the first thing that makes it no v4 notification.
 */
export function parseNotification(body: unknown): Notification {
  return notificationOf(checkNotification(body));
}

/** A notification as the engine knows it, of one that was checked when it was posted. */
export function notificationOf(posted: PostedNotification): Notification {
  return {
    groupKey: posted.groupKey,
    receiver: posted.receiver,
    status: posted.status,
    truncatedAlerts: posted.truncatedAlerts ?? 0,
    externalUrl: posted.externalURL ?? '',
    groupLabels: posted.groupLabels ?? {},
    commonLabels: posted.commonLabels ?? {},
    commonAnnotations: posted.commonAnnotations ?? {},
    alerts: posted.alerts,
  };
}

/**
 * Checks the body of Alertmanager's webhook. Fields that later versions add are accepted; the alerts
 * are left for `parseAlert`, so that a bad one spoils no other.
 *
 * @throws InputError with the JSON path of the first thing that makes it no v4 notification.
 */
export function checkNotification(body: unknown): PostedNotification {
  const fields = fieldsOf(body, 'body');
  if (fields.version !== '4') {
    throw expected('version', 'the text "4", the webhook version of Alertmanager', fields.version);
  }
  const alerts = fields.alerts;
  if (!Array.isArray(alerts)) throw expected('alerts', 'a list of alerts', alerts);
  const truncated = fields.truncatedAlerts ?? 0;
  if (!Number.isSafeInteger(truncated) || (truncated as number) < 0) {
    throw expected('truncatedAlerts', 'a whole number, 0 or more', truncated);
  }
  textOf(fields, 'groupKey', '');
  textOf(fields, 'receiver', '');
  statusOf(fields, '');
  optionalTextOf(fields, 'externalURL', '');
  labelsOf(fields, 'groupLabels', '');
  labelsOf(fields, 'commonLabels', '');
  labelsOf(fields, 'commonAnnotations', '');
  return body as PostedNotification;
}

/**
 * Reads one alert of a notification. `path` is where it stands (`alerts[3]`), for the message.
 *
 * @throws InputError with the JSON path of the first fault.
 */
export function parseAlert(raw: unknown, path: string): Alert {
  const fields = fieldsOf(raw, path);
  const prefix = `${path}.`;
  const status = statusOf(fields, prefix);
  const labels = labelsOf(fields, 'labels', prefix);
  if (Object.keys(labels).length === 0) {
    throw expected(`${prefix}labels`, 'at least one label', fields.labels);
  }
  const startsAtMs = timeOf(fields, 'startsAt', prefix);
  if (startsAtMs === null) {
    throw expected(`${prefix}startsAt`, 'the time at which the alert started', fields.startsAt);
  }
  const endsAtMs = timeOf(fields, 'endsAt', prefix);
  if (status === 'resolved' && endsAtMs === null) {
    throw expected(`${prefix}endsAt`, 'the time at which the alert resolved', fields.endsAt);
  }
  return {
    status,
    labels,
    annotations: labelsOf(fields, 'annotations', prefix),
    startsAtMs,
    endsAtMs: status === 'firing' ? null : endsAtMs,
    generatorUrl: optionalTextOf(fields, 'generatorURL', prefix),
    fingerprint: textOf(fields, 'fingerprint', prefix),
  };
}

function fieldsOf(value: unknown, path: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw expected(path, 'a JSON object', value);
  }
  return value as Fields;
}

function statusOf(fields: Fields, prefix: string): 'firing' | 'resolved' {
  const status = fields.status;
  if (status !== 'firing' && status !== 'resolved') {
    throw expected(`${prefix}status`, '"firing" or "resolved"', status);
  }
  return status;
}

function textOf(fields: Fields, name: string, prefix: string): string {
  const value = fields[name];
  if (typeof value !== 'string' || value === '') {
    throw expected(`${prefix}${name}`, 'a text that is not empty', value);
  }
  return value;
}

function optionalTextOf(fields: Fields, name: string, prefix: string): string {
  const value = fields[name] ?? '';
  if (typeof value !== 'string') throw expected(`${prefix}${name}`, 'a text', value);
  return value;
}

/** A set of names and texts; an absent one is empty. */
function labelsOf(fields: Fields, name: string, prefix: string): Labels {
  const path = `${prefix}${name}`;
  const set = fieldsOf(fields[name] ?? {}, path);
  for (const key of Object.keys(set)) {
    if (typeof set[key] !== 'string') {
      throw expected(`${path}[${JSON.stringify(key)}]`, 'a text', set[key]);
    }
  }
  return set as Labels;
}

/** A time in milliseconds; `null` where it is absent or Go's zero time. */
function timeOf(fields: Fields, name: string, prefix: string): number | null {
  const value = fields[name];
  if (value === undefined || value === null) return null;
  const timeMs = typeof value === 'string' ? parseTimestamp(value) : undefined;
  if (timeMs === undefined) {
    throw expected(`${prefix}${name}`, 'an RFC 3339 time such as 2026-01-31T08:15:00.123Z', value);
  }
  return timeMs === goZeroTimeMs ? null : timeMs;
}

function expected(path: string, what: string, value: unknown): InputError {
  return new InputError(`${path}: expected ${what}, got ${describe(value)}`, path);
}

/** What was found instead; long or structured values by their kind only. */
function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'an object';
  const text = JSON.stringify(value);
  return text.length > 60 ? `a ${typeof value} of ${text.length} characters` : text;
}
