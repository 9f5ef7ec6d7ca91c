import type { Alert } from './alert.js';
import { isOversized, parseAlert } from './payload.js';
import { parseTimestamp } from './timestamp.js';

/** An alert that fires in Alertmanager. What it lists has not ended: its `endsAt` lies ahead. */
export interface ReportedAlert {
  readonly alert: Alert;
  /** `suppressed`: silenced or inhibited; `unprocessed`: not looked at yet; `unknown`: the answer does not say. */
  readonly state: 'active' | 'suppressed' | 'unprocessed' | 'unknown';
  /** The names of the receivers it is routed to; `null`: the answer does not say. */
  readonly receivers: readonly string[] | null;
}

/** What an Alertmanager says about itself. */
export interface AlertmanagerStatus {
  readonly version: string;
  /** When it started: before that it knew of no alert. */
  readonly startedAtMs: number;
  /** Its configuration as YAML, secrets left out; `null` where it does not show it. */
  readonly config: string | null;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads the answer to `GET /api/v2/alerts` (`gettableAlerts` in its openapi.yaml). Alerts with more labels
 * than are taken are left out, as they are where they are delivered: no episode is ever theirs.
 *
 * @throws an error that names the place of the first fault: a list read in part is not a list.
 */
export function readAlerts(answer: unknown): readonly ReportedAlert[] {
  if (!Array.isArray(answer)) throw new Error('expected a list of alerts');
  return answer.flatMap((raw: unknown, index) => {
    const fields = (raw ?? {}) as Fields;
    if (isOversized((fields.labels ?? {}) as Fields)) return [];
    return {
      alert: parseAlert({ ...fields, status: 'firing' }, `[${index}]`),
      state: stateOf(fields.status),
      receivers: receiversOf(fields.receivers),
    };
  });
}

/**
 * Reads the answer to `GET /api/v2/status`.
 *
 * @throws an error if it does not say since when it runs.
 */
export function readStatus(answer: unknown): AlertmanagerStatus {
  const { uptime, versionInfo, config } = (answer ?? {}) as Fields;
  const startedAtMs = typeof uptime === 'string' ? parseTimestamp(uptime) : undefined;
  if (startedAtMs === undefined) throw new Error('uptime: expected the time at which it started');
  return {
    version: textIn(versionInfo, 'version') ?? 'unknown',
    startedAtMs,
    config: textIn(config, 'original'),
  };
}

/**
 * Looks for a silence by the end of its comment in the answer to `GET /api/v2/silences`.
 *
 * @throws an error where the answer is no list.
 */
export function findMarked(answer: unknown, mark: string): string | null {
  if (!Array.isArray(answer)) throw new Error('expected a list of silences');
  const marked = answer.find((one: unknown) => textIn(one, 'comment')?.endsWith(mark));
  return marked === undefined ? null : readId(marked, 'id');
}

/**
 * Reads the answer to `POST /api/v2/silences`.
 *
 * @throws an error where it names no silence.
 */
export function readSilenceId(answer: unknown): string {
  return readId(answer, 'silenceID');
}

function readId(value: unknown, name: string): string {
  const id = textIn(value, name);
  if (id === null || id === '') throw new Error(`${name}: expected the id of a silence`);
  return id;
}

function stateOf(status: unknown): ReportedAlert['state'] {
  const state = textIn(status, 'state');
  return state === 'active' || state === 'suppressed' || state === 'unprocessed'
    ? state
    : 'unknown';
}

function receiversOf(value: unknown): readonly string[] | null {
  if (!Array.isArray(value)) return null;
  const names = value.map((receiver) => textIn(receiver, 'name'));
  return names.includes(null) ? null : (names as string[]);
}

function textIn(value: unknown, name: string): string | null {
  if (typeof value !== 'object' || value === null) return null;
  const text = (value as Fields)[name];
  return typeof text === 'string' ? text : null;
}
