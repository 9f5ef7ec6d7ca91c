import type { Labels } from '../alertmanager/alert.js';
import { isOwnAlert } from '../alertmanager/own-alert.js';
import { parseJson } from '../lib/http/body.js';

/** The body of one of Alertmanager's notifications, as far as those need it who do not take it as one. */
export interface GroupBody {
  /** Nothing in it asks for anything: its alerts have resolved, or Jidoka posted them itself. */
  readonly asksNothing: boolean;
  readonly groupLabels: Labels;
  readonly commonLabels: Labels;
  /** The labels of each alert that fires, with what the group has in common. */
  readonly alerts: readonly Labels[];
}

/** What a caller is told whose notification asks for nothing. */
export const nothingAsked =
  'its alerts have resolved, or Jidoka posted them itself; nothing is done';

/** Whether this is a notification that asks for nothing: its alerts have resolved, or are Jidoka's own. */
export function asksNothing(bytes: Buffer): boolean {
  try {
    return readGroup(bytes)?.asksNothing === true;
  } catch {
    return false;
  }
}

/**
 * Reads Alertmanager's body leniently: labels may be numbers, and everything may be missing.
 *
 * @returns `null` where there is no body.
 * @throws InputError where the body is no JSON.
 */
export function readGroup(bytes: Buffer): GroupBody | null {
  if (bytes.length === 0) return null;
  const body = parseJson(bytes);
  if (!isRecord(body)) return null;
  const listed = Array.isArray(body.alerts) ? body.alerts.filter(isRecord) : [];
  const others = listed.filter(({ labels }) => !isOwnAlert(labelsIn(labels)));
  const firing = others.filter(({ status }) => status !== 'resolved');
  const commonLabels = labelsIn(body.commonLabels);
  const groupLabels = labelsIn(body.groupLabels);
  return {
    asksNothing:
      body.status === 'resolved' ||
      isOwnAlert({ ...commonLabels, ...groupLabels }) ||
      (listed.length > 0 && firing.length === 0),
    groupLabels,
    commonLabels,
    alerts: firing.map(({ labels }) => ({ ...commonLabels, ...groupLabels, ...labelsIn(labels) })),
  };
}

function labelsIn(value: unknown): Labels {
  if (!isRecord(value)) return {};
  const known = Object.entries(value).filter(([, one]) =>
    ['string', 'number'].includes(typeof one),
  );
  return Object.fromEntries(known.map(([name, one]) => [name, String(one)]));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
