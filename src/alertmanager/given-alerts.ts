import { InputError } from '../lib/errors.js';
import type { Alert, Labels } from './alert.js';
import { sourceOf } from './payload.js';
import type { Source } from './source.js';
import { parseTimestamp } from './timestamp.js';

type Fields = Readonly<Record<string, unknown>>;

/** An alert that is given, with what its notification says of it. */
export interface GivenAlert extends Alert {
  /** Left out: it is not said. */
  readonly source?: Source | undefined;
  readonly routeLabels?: Labels | undefined;
}

/** How many alerts may be given at once. */
export const maxGiven = 50;

const forms =
  'a webhook body of Alertmanager (with "alerts"), one of its alerts (with "labels"), alerts of Alertmanager\'s /api/v2/alerts, or labels alone (service: web)';

/**
 * Reads alerts that a person gives, in any of the forms in which people have them. Only labels are
 * needed: what is missing is taken to be an alert that has begun to fire just now.
 *
 * @throws InputError that names the place and what was expected.
 */
export function readGivenAlerts(value: unknown, nowMs: number): readonly GivenAlert[] {
  const alerts = listIn(value).map((each) => readGiven(each, nowMs));
  if (alerts.length === 0) throw new InputError(`expected at least one alert: ${forms}`, 'alerts');
  if (alerts.length > maxGiven) {
    const message = `expected at most ${maxGiven} alerts, got ${alerts.length}`;
    throw new InputError(message, 'alerts');
  }
  return alerts;
}

interface Listed {
  readonly path: string;
  readonly raw: unknown;
  /** What the whole notification says. */
  readonly said?: Pick<GivenAlert, 'source' | 'routeLabels'>;
}

function listIn(value: unknown): readonly Listed[] {
  if (Array.isArray(value)) return value.map((raw, index) => ({ path: `[${index}]`, raw }));
  if (isFields(value) && Array.isArray(value.alerts)) {
    const isNotification = typeof value.version === 'string';
    const { routeLabels } = value;
    const said = {
      ...(isNotification && { source: sourceOf(value) }),
      ...(isFields(routeLabels) && {
        routeLabels: textsOf(routeLabels, (name) => `routeLabels.${name}`),
      }),
    };
    return value.alerts.map((raw, index) => ({ path: `alerts[${index}]`, raw, said }));
  }
  return [{ path: '', raw: value }];
}

function readGiven({ path, raw, said }: Listed, nowMs: number): GivenAlert {
  if (!isFields(raw)) throw expected(path || 'alert', forms, raw);
  const at = (name: string) => (path === '' ? name : `${path}.${name}`);
  const fields = isFields(raw.labels) ? raw : { labels: raw };
  const isAlone = fields !== raw;
  const nested = Object.entries(raw).find(([, field]) => typeof field === 'object');
  if (isAlone && nested !== undefined) {
    const message = `${path || 'alert'}: expected ${forms}; got a mapping whose ${JSON.stringify(nested[0])} is not a string`;
    throw new InputError(message, at(nested[0]));
  }
  const labels = textsOf(fields.labels, (name) => at(isAlone ? name : `labels.${name}`));
  if (Object.keys(labels).length === 0) throw expected(at('labels'), 'at least one label', {});
  const status = fields.status === 'resolved' ? 'resolved' : 'firing';
  const startsAtMs = timeOf(fields.startsAt, at('startsAt')) ?? nowMs;
  return {
    status,
    labels,
    annotations: textsOf(fields.annotations ?? {}, (name) => at(`annotations.${name}`)),
    startsAtMs,
    endsAtMs: null,
    generatorUrl: typeof fields.generatorURL === 'string' ? fields.generatorURL : '',
    fingerprint: typeof fields.fingerprint === 'string' ? fields.fingerprint : 'explained',
    ...said,
  };
}

function textsOf(value: unknown, at: (name: string) => string): Labels {
  if (!isFields(value)) throw expected(at('').replace(/\.$/, ''), 'names and strings', value);
  for (const [name, text] of Object.entries(value)) {
    if (typeof text === 'string') continue;
    throw expected(at(name), 'a string (in YAML, quote numbers, true and false)', text);
  }
  return value as Labels;
}

function timeOf(value: unknown, path: string): number | null {
  if (value === undefined || value === null) return null;
  const timeMs = typeof value === 'string' ? parseTimestamp(value) : undefined;
  if (timeMs !== undefined) return timeMs;
  throw expected(path, 'an RFC 3339 time such as 2026-01-31T08:15:00.123Z', value);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function expected(path: string, what: string, value: unknown): InputError {
  return new InputError(`${path}: expected ${what}, got ${shown(value)}`, path);
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') {
    return Object.keys(value).length === 0 ? 'an empty mapping' : 'a mapping';
  }
  const text = JSON.stringify(value);
  return text.length > 60 ? `a ${typeof value} of ${text.length} characters` : text;
}
