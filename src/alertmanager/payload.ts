import { InputError } from '../lib/errors.js';
import type { Alert, Labels, Notification } from './alert.js';
import {
  expected,
  type Fields,
  fieldsOf,
  type OnOdd,
  own,
  type Place,
  shown,
  tell,
  textOf,
  textOfScalar,
  textsOf,
} from './fields.js';
import { fingerprintOf } from './fingerprint.js';
import type { OddField } from './odd-field.js';
import { parseTimestamp } from './timestamp.js';

/**
 * The body of Alertmanager's webhook (`template.Data` and `webhook.Message` in its source) as it was
 * posted: only its list of alerts is known to be one.
 */
export interface PostedNotification {
  readonly alerts: readonly unknown[];
  readonly [field: string]: unknown;
}

/** What an alert may hold. Its labels are what it is, so none of them is ever left out. */
const maxLabels = 256;
const maxLabelLength = 64 * 1024;
/** What is said beside them is cut. */
const texts = { maxCount: maxLabels, maxLength: 256 * 1024 };
const groupTexts = { maxCount: maxLabels, maxLength: maxLabelLength };
const maxTextLength = 16 * 1024;
const grafanaVersion = '1';
/** A fingerprint that is none is worked out. */
const fingerprintForm = /^[\w.:-]{1,100}$/;
const hashForm = /^[0-9a-f]{16}$/i;

/** What is known of a notification's alert beside the alert itself. */
export interface AlertContext {
  /** When it was received: an end before that is a reason to take it as resolved where it says nothing. */
  readonly receivedAtMs?: number;
  /** The status of the notification, for an alert without one. */
  readonly groupStatus?: Alert['status'];
  readonly onOdd?: OnOdd;
}

/** What a notification says in `notification_reason` that brings no news. */
const repeatReason = 'repeat interval elapsed';

/** Whether a notification says that it only repeats the one before it. */
export function isRepeat({ reason }: Pick<Notification, 'reason'>): boolean {
  return reason === repeatReason;
}

/** Who posted a notification: Grafana writes another version into a body that is otherwise alike. */
export function sourceOf(posted: object): 'alertmanager' | 'grafana' {
  return 'version' in posted && posted.version === grafanaVersion ? 'grafana' : 'alertmanager';
}

/**
 * Reads the body of a webhook.
 *
 * @throws InputError with the JSON path of what makes it no notification.
 */
export function parseNotification(body: unknown): Notification {
  return notificationOf(checkNotification(body));
}

/**
 * Checks that a body holds alerts, which is all that is needed. They are left for `parseAlert`, so that
 * a bad one spoils no other.
 *
 * @throws InputError with the JSON path of what makes it no notification.
 */
export function checkNotification(body: unknown): PostedNotification {
  const alerts = own(fieldsOf(body, 'body'), 'alerts');
  if (!Array.isArray(alerts)) throw expected('alerts', 'a list of alerts', alerts);
  return body as PostedNotification;
}

/** A notification as the engine knows it; what of it is odd is in it too. */
export function notificationOf(posted: PostedNotification): Notification {
  const odd: OddField[] = [];
  const place: Place = { prefix: '', onOdd: (each) => odd.push(each) };
  const text = (name: string) => textOf(posted, name, maxTextLength, place);
  const labels = (name: string) => textsOf(posted, name, groupTexts, place);
  const version = own(posted, 'version');
  if (version !== '4' && version !== grafanaVersion) {
    tell(place, 'version', 'the text "4"', version, 'taken as version 4');
  }
  const notification: Notification = {
    groupKey: text('groupKey'),
    receiver: text('receiver'),
    status: statusOf(posted, place) ?? 'firing',
    truncatedAlerts: countOf(posted, 'truncatedAlerts', place),
    externalUrl: text('externalURL'),
    groupLabels: labels('groupLabels'),
    commonLabels: labels('commonLabels'),
    commonAnnotations: textsOf(posted, 'commonAnnotations', texts, place),
    ...(hasValue(posted, 'routeLabels') && { routeLabels: labels('routeLabels') }),
    ...(hasValue(posted, 'notification_reason') && { reason: text('notification_reason') }),
    alerts: posted.alerts,
    ...(hasValue(posted, 'leftOut') && { leftOut: countOf(posted, 'leftOut', place) }),
  };
  return odd.length === 0 ? notification : { ...notification, odd };
}

/**
 * Reads one alert of a notification. `path` is where it stands (`alerts[3]`), for messages. Only labels
 * are needed; what else is absent or odd is told and taken as well as it can be.
 *
 * @throws InputError with the JSON path of what cannot be read.
 */
export function parseAlert(raw: unknown, path: string, context: AlertContext = {}): Alert {
  const fields = fieldsOf(raw, path);
  const place: Place = { prefix: `${path}.`, onOdd: context.onOdd ?? (() => {}) };
  const labels = alertLabelsOf(fields, place);
  const startsAtMs = timeOf(fields, 'startsAt', place);
  const endsAtMs = timeOf(fields, 'endsAt', place);
  const status = alertStatusOf(fields, endsAtMs, context, place);
  if (startsAtMs === null) {
    tell(place, 'startsAt', 'the time at which it started', own(fields, 'startsAt'), 'not known');
  }
  if (status === 'resolved' && endsAtMs === null) {
    const when = 'it resolved when it was received';
    tell(place, 'endsAt', 'the time at which it resolved', own(fields, 'endsAt'), when);
  }
  return {
    status,
    labels,
    annotations: textsOf(fields, 'annotations', texts, place),
    startsAtMs,
    endsAtMs: status === 'firing' ? null : endsAtMs,
    generatorUrl: textOf(fields, 'generatorURL', maxTextLength, place),
    fingerprint: ownFingerprint(fields) ?? fingerprintOf(labels),
  };
}

function hasValue(fields: Fields, name: string): boolean {
  return (own(fields, name) ?? null) !== null;
}

/**
 * The labels of an alert, of which none may be missing.
 *
 * @throws InputError where one is no text and cannot be one, and where there are too many.
 */
function alertLabelsOf(fields: Fields, place: Place): Labels {
  const path = `${place.prefix}labels`;
  const given = fieldsOf(own(fields, 'labels') ?? {}, path);
  const names = Object.keys(given);
  if (isOversized(given)) {
    const most = `at most ${maxLabels} with ${maxLabelLength} characters`;
    const length = lengthOf(given);
    throw new InputError(`${path}: expected ${most}, got ${names.length} with ${length}`, path);
  }
  const labels: [string, string][] = [];
  for (const name of names) {
    const text = labelOf(name, given[name], place);
    if (text !== null) labels.push([name, text]);
  }
  if (labels.length === 0) throw expected(path, 'at least one label', own(fields, 'labels'));
  return Object.fromEntries(labels);
}

/** Whether labels are more than are taken of one alert. */
export function isOversized(labels: Fields): boolean {
  return Object.keys(labels).length > maxLabels || lengthOf(labels) > maxLabelLength;
}

/** How many characters names and texts have. */
function lengthOf(labels: Fields): number {
  let length = 0;
  for (const name of Object.keys(labels)) {
    const value = labels[name];
    length += name.length + (typeof value === 'string' ? value.length : 0);
  }
  return length;
}

/** A label's value as text; `null` where it has none, which is as good as no label. */
function labelOf(name: string, value: unknown, place: Place): string | null {
  if (typeof value === 'string') return value;
  const text = textOfScalar(value);
  const at = `labels[${shown(name)}]`;
  if (text === null && value !== null) throw expected(`${place.prefix}${at}`, 'a string', value);
  const done = value === null ? 'ignored' : 'taken as a string';
  tell(place, at, 'a string', value, done, 'labels');
  return text;
}

/** @throws InputError for a status that is none: whether the alert fires is not known. */
function alertStatusOf(
  fields: Fields,
  endsAtMs: number | null,
  { groupStatus, receivedAtMs = 0 }: AlertContext,
  place: Place,
): Alert['status'] {
  const status = statusOf(fields, place);
  if (status !== null) return status;
  const value = own(fields, 'status');
  if (value !== undefined && value !== null && value !== '') {
    throw expected(`${place.prefix}status`, '"firing" or "resolved"', value);
  }
  const hasEnded = endsAtMs !== null && endsAtMs <= receivedAtMs;
  return groupStatus === 'resolved' || hasEnded ? 'resolved' : 'firing';
}

/** `null`: it says neither. */
function statusOf(fields: Fields, place: Place): Alert['status'] | null {
  const value = own(fields, 'status');
  if (value === 'firing' || value === 'resolved') return value;
  const word = typeof value === 'string' ? value.trim().toLowerCase() : '';
  const status = word === 'firing' || word === 'resolved' ? word : null;
  tell(place, 'status', '"firing" or "resolved"', value, status ?? 'ignored');
  return status;
}

/** How many; 0 where it cannot be told. */
function countOf(fields: Fields, name: string, place: Place): number {
  const value = own(fields, name) ?? 0;
  const isCount = (count: number) => Number.isSafeInteger(count) && count >= 0;
  if (typeof value === 'number' && isCount(value)) return value;
  const text = typeof value === 'string' && /^\s*\d+\s*$/.test(value) ? value : '';
  const count = isCount(Number(text)) ? Number(text) : 0;
  tell(place, name, 'a whole number, 0 or more', value, `taken as ${count}`);
  return count;
}

/** A time in milliseconds; `null` where it is absent, no time, or the zero of Go or of Unix. */
function timeOf(fields: Fields, name: string, place: Place): number | null {
  const value = own(fields, name);
  if (value === undefined || value === null) return null;
  const timeMs = typeof value === 'string' ? parseTimestamp(value) : undefined;
  if (timeMs === undefined) {
    const what = 'an RFC 3339 time such as 2026-01-31T08:15:00.123Z';
    tell(place, name, what, value, 'taken as absent');
  }
  return timeMs === undefined || timeMs <= 0 ? null : timeMs;
}

/**
 * What a sender calls the alert by a name of its own. What looks like Alertmanager's hash of the labels is
 * worked out from them: so a resolved ends its alert though one of the two came without, or with another.
 */
function ownFingerprint(fields: Fields): string | null {
  const text = textOfScalar(own(fields, 'fingerprint'));
  if (text === null || !fingerprintForm.test(text) || hashForm.test(text)) return null;
  // a name that every object inherits would be found where there is none
  return text in {} ? null : text;
}
