import type { Labels } from '../alert/alert.js';
import { parseJson } from './body.js';

/** The body of one of Alertmanager's notifications, as far as those need it who do not take it as one. */
export interface GroupBody {
  readonly resolved: boolean;
  /** The labels to act on: those of the group where they are enough, else those of each alert that fires. */
  readonly groupLabels: Labels;
  readonly alerts: readonly Labels[];
}

/** Whether this is a notification that says that its alerts have resolved. */
export function saysResolved(bytes: Buffer): boolean {
  try {
    return readGroup(bytes)?.resolved === true;
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
  const firing = listed.filter(({ status }) => status !== 'resolved');
  const common = { ...labelsIn(body.commonLabels), ...labelsIn(body.groupLabels) };
  return {
    resolved: body.status === 'resolved' || (listed.length > 0 && firing.length === 0),
    groupLabels: common,
    alerts: firing.map(({ labels }) => ({ ...common, ...labelsIn(labels) })),
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
