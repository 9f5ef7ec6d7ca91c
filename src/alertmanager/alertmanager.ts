import { messageOf } from '../lib/errors.js';
import { splitAddress } from '../lib/http/address.js';
import { readBoundedText } from '../lib/http/bounded-text.js';
import type { Labels } from './alert.js';
import {
  type AlertmanagerStatus,
  findMarked,
  type ReportedAlert,
  readAlerts,
  readSilenceId,
  readStatus,
} from './alertmanager-answer.js';
import { AlertmanagerError } from './alertmanager-error.js';

/** An alert as it is posted to Alertmanager, times in milliseconds. */
export interface PostedAlert {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly startsAtMs: number;
  /** Until then it fires, unless it is posted again. */
  readonly endsAtMs: number;
}

/** A silence as it is asked for, its end in milliseconds. */
export interface WantedSilence {
  /** What it silences: alerts that have all of these labels. */
  readonly labels: Labels;
  readonly untilMs: number;
  readonly createdBy: string;
  readonly comment: string;
  /** Stands at the end of the comment, and is found again by `findSilence`. */
  readonly mark: string;
}

/** One Alertmanager's API v2, as much of it as Jidoka needs. Every method throws AlertmanagerError and tries once. */
export interface Alertmanager {
  /** Its address, without user and password. */
  readonly name: string;
  /** Lists what fires there: active, silenced and inhibited, whatever receivers it is routed to. */
  alerts(): Promise<readonly ReportedAlert[]>;
  status(): Promise<AlertmanagerStatus>;
  post(alerts: readonly PostedAlert[]): Promise<void>;
  /** The id of a silence that has this in its comment, whatever became of it since; `null`: there is none. */
  findSilence(mark: string): Promise<string | null>;
  /** Makes a silence; gives back its id. */
  silence(wanted: WantedSilence): Promise<string>;
}

export interface AlertmanagerOptions {
  /** `http(s)://…`, with a path if it is served under one, with user and password for basic authentication. */
  readonly url: string;
  /** What each call gets from beginning to end. */
  readonly timeoutMs: number;
  readonly maxBodyBytes?: number;
}

/** Some fifty thousand alerts. */
const defaultMaxBodyBytes = 64 * 1024 * 1024;

/** A client that neither retries nor waits. */
export function createAlertmanager(options: AlertmanagerOptions): Alertmanager {
  const { timeoutMs, maxBodyBytes = defaultMaxBodyBytes } = options;
  const { base, authorization } = splitAddress(options.url);

  async function call(path: string, body?: unknown): Promise<string> {
    try {
      const answer = await fetch(`${base}/api/v2/${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          accept: 'application/json',
          ...(authorization === undefined ? {} : { authorization }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (!answer.ok) {
        await answer.body?.cancel();
        throw fault('refused', `it answered ${answer.status}; ${adviceFor(answer.status)}`);
      }
      const text = await readBoundedText(answer, maxBodyBytes);
      if (text !== null) return text;
      throw fault('unreadable', `its answer is longer than ${maxBodyBytes} bytes`);
    } catch (error) {
      if (error instanceof AlertmanagerError) throw error;
      const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
      throw fault('unreachable', messageOf(cause));
    }
  }

  async function read<T>(path: string, parse: (value: unknown) => T): Promise<T> {
    const text = await call(path);
    try {
      return parse(JSON.parse(text));
    } catch (error) {
      throw fault('unreadable', messageOf(error));
    }
  }

  function fault(kind: AlertmanagerError['kind'], detail: string): AlertmanagerError {
    return new AlertmanagerError(kind, `Alertmanager ${base}: ${detail}`);
  }

  return {
    name: base,

    alerts: () =>
      read('alerts?active=true&silenced=true&inhibited=true&unprocessed=true', readAlerts),

    status: () => read('status', readStatus),

    findSilence: (mark) => read('silences', (answer) => findMarked(answer, mark)),

    async silence({ labels, untilMs, createdBy, comment, mark }) {
      const text = await call('silences', {
        matchers: Object.entries(labels).map(([name, value]) => {
          return { name, value, isRegex: false, isEqual: true };
        }),
        startsAt: new Date().toISOString(),
        endsAt: new Date(untilMs).toISOString(),
        createdBy,
        comment: `${comment}. ${mark}`,
      });
      try {
        return readSilenceId(JSON.parse(text));
      } catch (error) {
        throw fault('unreadable', messageOf(error));
      }
    },

    async post(alerts) {
      await call(
        'alerts',
        alerts.map(({ labels, annotations, startsAtMs, endsAtMs }) => ({
          labels,
          annotations,
          startsAt: new Date(startsAtMs).toISOString(),
          endsAt: new Date(endsAtMs).toISOString(),
        })),
      );
    },
  };
}

function adviceFor(status: number): string {
  if (status === 401 || status === 403) return 'check user and password in ALERTMANAGER_URL';
  if (status === 404) return 'check the path in ALERTMANAGER_URL';
  return 'check ALERTMANAGER_URL and its log';
}
