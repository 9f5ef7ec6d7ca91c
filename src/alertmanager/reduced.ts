import { InputError } from '../lib/errors.js';
import { type PostedNotification, parseAlert } from './payload.js';

/** As many alerts are taken of one notification; those beyond are told. */
export const maxAlerts = 10_000;
/** As much is shown of an alert that could not be read, in characters. */
const shownCharacters = 1_500;

/** The fields of a notification that are read. */
const fields = [
  'version',
  'groupKey',
  'receiver',
  'status',
  'truncatedAlerts',
  'externalURL',
  'groupLabels',
  'commonLabels',
  'commonAnnotations',
  'routeLabels',
  'notification_reason',
];

/** An alert that could not be read. */
export interface Unreadable {
  /** With the place, what was expected and what was found. */
  readonly fault: string;
  /** The beginning of what was posted. */
  readonly text: string;
}

/**
 * Takes out of a notification what is not read anyway, so that it does not lie in a queue before others:
 * alerts beyond `maxAlerts`, fields that nothing needs, and all but the beginning of alerts that cannot
 * be read. It means the same as the whole.
 *
 * @returns `null` where there is nothing to take out
 */
export function reduceNotification(posted: PostedNotification): PostedNotification | null {
  const { alerts } = posted;
  const taken = alerts.slice(0, maxAlerts).map(withExcerpt);
  const leftOut = alerts.length - taken.length;
  const isWhole =
    leftOut === 0 &&
    taken.every((each, index) => each === alerts[index]) &&
    Object.keys(posted).every((name) => name === 'alerts' || fields.includes(name));
  if (isWhole) return null;
  const read = fields.filter((name) => Object.hasOwn(posted, name));
  const kept = Object.fromEntries(read.map((name) => [name, posted[name]]));
  return { ...kept, ...(leftOut > 0 ? { leftOut } : {}), alerts: taken };
}

/** What is kept of an alert in a reduced notification that could not be read; `null`: it is another alert. */
export function excerptIn(raw: unknown): Unreadable | null {
  if (typeof raw !== 'object' || raw === null || !Object.hasOwn(raw, 'unreadable')) return null;
  const { unreadable } = raw as { readonly unreadable: Partial<Unreadable> | null };
  const { fault, text } = unreadable ?? {};
  return typeof fault === 'string' && typeof text === 'string' ? { fault, text } : null;
}

/** The beginning of what was posted, for a person. */
export function excerptOf(raw: unknown): string {
  try {
    const text = JSON.stringify(raw);
    return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;
  } catch (error) {
    // lists within lists are written down to some thousand levels only
    if (error instanceof RangeError) return 'it is nested too deeply to be shown';
    throw error;
  }
}

function withExcerpt(raw: unknown, index: number): unknown {
  try {
    parseAlert(raw, `alerts[${index}]`);
    return raw;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const unreadable: Unreadable = { fault: error.message, text: excerptOf(raw) };
    return { unreadable };
  }
}
