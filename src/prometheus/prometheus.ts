import { messageOf } from '../lib/errors.js';
import { splitAddress } from '../lib/http/address.js';
import { readBoundedText } from '../lib/http/bounded-text.js';
import {
  type AlertingRule,
  type RangeSeries,
  readAlertingRules,
  readMatrix,
  readVersion,
} from './answer.js';
import {
  type LoadedRule,
  readAlertmanagers,
  readLoadedRules,
  readSending,
  readTargets,
  type ScrapedTarget,
  type Sending,
} from './monitoring-answer.js';
import { PrometheusError } from './prometheus-error.js';

/** The times of a range query. */
export interface Range {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

/** One Prometheus' HTTP API, as much of it as Jidoka needs. Every method reads, throws PrometheusError and tries once. */
export interface Prometheus {
  /** Its address, without user and password. */
  readonly name: string;
  version(): Promise<string>;
  /** Lists the alerting rules of one name. */
  alertingRules(name: string, signal?: AbortSignal): Promise<readonly AlertingRule[]>;
  /** Lists the alerting rules of some groups, each with what became of its last evaluation. */
  loadedRules(groups: readonly string[]): Promise<readonly LoadedRule[]>;
  /** Lists the targets that it scrapes. */
  targets(): Promise<readonly ScrapedTarget[]>;
  /** Reads what becomes of its alerts on their way to Alertmanager. */
  sending(): Promise<Sending>;
  /** Has it parse an expression: why it refuses it, `null` where it takes it. */
  parseFault(expression: string): Promise<string | null>;
  /** Evaluates an expression over a range of time. */
  range(expression: string, range: Range, signal?: AbortSignal): Promise<readonly RangeSeries[]>;
}

export interface PrometheusOptions {
  /** `http(s)://…`, with a path if it is served under one, with user and password for basic authentication. */
  readonly url: string;
  /** The bearer token; `undefined`: none. User and password in the address win. */
  readonly token: string | undefined;
  /** What each call gets from beginning to end, in milliseconds; Prometheus ends a query that takes longer, too. */
  readonly timeoutMs: number;
  readonly maxBodyBytes?: number;
}

interface ReadOptions<T> {
  readonly form?: URLSearchParams;
  readonly signal?: AbortSignal | undefined;
  /** Takes the error of a 400 for an answer. */
  readonly refused?: (error: string) => T;
}

/** Some thousand series of 240 points. */
const defaultMaxBodyBytes = 8 * 1024 * 1024;
/** An error of Prometheus that is longer says no more. */
const longestError = 300;

/** Creates a client that neither retries nor waits. */
export function createPrometheus(options: PrometheusOptions): Prometheus {
  const { token, timeoutMs, maxBodyBytes = defaultMaxBodyBytes } = options;
  const { base, authorization = token && `Bearer ${token}` } = splitAddress(options.url);

  async function read<T>(
    path: string,
    parse: (answer: unknown) => T,
    { form, signal, refused }: ReadOptions<T> = {},
  ): Promise<T> {
    const timeout = AbortSignal.timeout(timeoutMs);
    let text: string | null;
    try {
      const answer = await fetch(`${base}/api/v1/${path}`, {
        method: form === undefined ? 'GET' : 'POST',
        headers: { accept: 'application/json', ...(authorization && { authorization }) },
        ...(form && { body: form }),
        redirect: 'error',
        signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
      });
      text = await readBoundedText(answer, maxBodyBytes);
      const error = answer.status === 400 ? errorIn(text ?? '') : undefined;
      if (refused !== undefined && error !== undefined) return refused(error);
      if (!answer.ok) throw fault('refused', refusal(answer.status, text ?? ''));
    } catch (error) {
      if (error instanceof PrometheusError) throw error;
      if (timeout.aborted) {
        throw fault('unreachable', `no answer within ${timeoutMs} ms`, { cause: timeout.reason });
      }
      throw fault('unreachable', messageOf(error));
    }
    if (text === null) throw fault('unreadable', `its answer is longer than ${maxBodyBytes} bytes`);
    try {
      return parse(JSON.parse(text));
    } catch (error) {
      throw fault('unreadable', messageOf(error));
    }
  }

  function fault(kind: PrometheusError['kind'], detail: string, options?: ErrorOptions) {
    return new PrometheusError(kind, `Prometheus ${base}: ${detail}`, options);
  }

  return {
    name: base,

    version: () => read('status/buildinfo', readVersion),

    alertingRules(name, signal) {
      // an old Prometheus, which does not know the parameter, lists all rules
      const query = new URLSearchParams({ type: 'alert', 'rule_name[]': name });
      return read(`rules?${query}`, (answer) => readAlertingRules(answer, name), { signal });
    },

    loadedRules(groups) {
      const query = new URLSearchParams({ type: 'alert' });
      // an old Prometheus, which does not know the parameter, lists all groups
      for (const group of groups) query.append('rule_group[]', group);
      const wanted = new Set(groups);
      return read(`rules?${query}`, (answer) => readLoadedRules(answer, wanted));
    },

    targets: () => read('targets?state=active', readTargets),

    async sending() {
      const [alertmanagers, said] = await Promise.all([
        read('alertmanagers', readAlertmanagers),
        read('status/config', readSending),
      ]);
      return { alertmanagers, ...said };
    },

    parseFault: (expression) =>
      read<string | null>('format_query', () => null, {
        form: new URLSearchParams({ query: expression }),
        refused: (error) => error.replace(/^invalid parameter "query": /, ''),
      }),

    range(expression, { fromMs, toMs, stepMs }, signal) {
      const form = new URLSearchParams({
        query: expression,
        start: String(fromMs / 1_000),
        end: String(toMs / 1_000),
        step: String(stepMs / 1_000),
        timeout: `${timeoutMs}ms`,
      });
      return read('query_range', readMatrix, { form, signal });
    },
  };
}

function refusal(status: number, text: string): string {
  if (status === 401 || status === 403) {
    return `it answered ${status}; check user and password in PROMETHEUS_URL, or PROMETHEUS_TOKEN`;
  }
  if (status === 404) return 'it answered 404; check the path in PROMETHEUS_URL';
  const why = errorIn(text);
  return `it answered ${status}${why === undefined ? '; check PROMETHEUS_URL and its log' : `: ${why}`}`;
}

/** What Prometheus says is wrong; `undefined`: the answer is not one of its own. */
function errorIn(text: string): string | undefined {
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    return typeof error === 'string' && error !== '' ? error.slice(0, longestError) : undefined;
  } catch {
    return undefined;
  }
}
