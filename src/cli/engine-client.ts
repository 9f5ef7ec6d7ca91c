import type { Readiness } from '../api/health.js';
import { messageOf, PartMissingError } from '../lib/errors.js';

/** A running engine, as the command line talks to it. Every method throws with a message for people. */
export interface EngineClient {
  /** Where it is, for people. */
  readonly url: string;
  /** Whether it can do its work; an engine that cannot is no error. */
  readiness(): Promise<Readiness>;
  /** Reads a record of its API (`alerts/abc`), or a page of a list (`runs?state=open`). */
  read<T>(path: string): Promise<T>;
  /** Reads all pages of a list, newest first. */
  readAll<T>(path: string, query?: Readonly<Record<string, string>>): Promise<readonly T[]>;
  /** Posts to it; `token` goes along as a bearer token. Answers that are no 2xx are errors. */
  post<T>(path: string, body: unknown, token: string | undefined): Promise<T>;
}

const pageSize = '500';

/** Where an engine that was started with this environment listens, seen from this machine. */
export function defaultEngineUrl(env: NodeJS.ProcessEnv): string {
  return `http://127.0.0.1:${env.PORT || '9095'}`;
}

/**
 * Creates a client; it connects to nothing before the first call.
 *
 * @param options.adminToken what its API wants; without it only an engine on this machine answers
 * @param options.timeoutMs what each call gets from beginning to end
 */
export function createEngineClient(options: {
  readonly url: string;
  readonly adminToken: string | undefined;
  readonly timeoutMs: number;
}): EngineClient {
  const { adminToken, timeoutMs } = options;
  const url = options.url.replace(/\/+$/, '');

  async function call(path: string, init: RequestInit, token: string | undefined) {
    try {
      const answer = await fetch(`${url}${path}`, {
        ...init,
        headers: {
          'content-type': 'application/json',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
      return { status: answer.status, ok: answer.ok, text: await answer.text() };
    } catch (error) {
      throw new PartMissingError(
        `no engine answers at ${url}: ${messageOf(error)}; start it (jidoka serve), or say where it is with --url`,
      );
    }
  }

  async function taken<T>(path: string, init: RequestInit, token: string | undefined): Promise<T> {
    const { status, ok, text } = await call(path, init, token);
    const body = parsed(url, text);
    if (ok) return body as T;
    const said = 'error' in body && typeof body.error === 'string' ? body.error : 'nothing more';
    const advice =
      status === 401
        ? '; set it here to what the engine has (npm start says where it keeps one)'
        : '';
    throw new Error(`${url}${path} answered ${status}: ${said}${advice}`);
  }

  const read = <T>(path: string) => taken<T>(`/api/v1/${path}`, {}, adminToken);

  return {
    url,
    read,

    async readiness() {
      const { text } = await call('/-/ready', {}, adminToken);
      const state = parsed(url, text) as Partial<Readiness>;
      if (typeof state.ready !== 'boolean' || state.checks === undefined) throw notJidoka(url);
      return { ready: state.ready, checks: state.checks };
    },

    async readAll<T>(path: string, query: Readonly<Record<string, string>> = {}) {
      const all: T[] = [];
      let before: string | null = null;
      do {
        const asked = new URLSearchParams({ ...query, limit: pageSize, ...(before && { before }) });
        const page: { items?: readonly T[]; next?: string | null } = await read(`${path}?${asked}`);
        if (!Array.isArray(page.items)) throw notJidoka(url);
        all.push(...page.items);
        before = page.next ?? null;
      } while (before !== null);
      return all;
    },

    post: (path, body, token) => taken(path, { method: 'POST', body: JSON.stringify(body) }, token),
  };
}

function parsed(url: string, text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // said below
  }
  throw notJidoka(url);
}

function notJidoka(url: string): Error {
  return new Error(`what answers at ${url} does not answer as Jidoka does; is it another program?`);
}
