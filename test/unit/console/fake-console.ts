import { pino } from 'pino';
import { createConsole } from '../../../src/console/console.js';
import type { ConsoleParts } from '../../../src/console/parts.js';
import { createPauses } from '../../../src/guard/pauses.js';
import { createResets } from '../../../src/guard/resets.js';
import { createLedger } from '../../../src/ledger/ledger.js';
import { createMetrics } from '../../../src/lib/metrics.js';
import { createLibrary } from '../../../src/playbook/library.js';
import { defaultPolicy } from '../../../src/playbook/policy.js';
import { serviceListOf } from '../../support/services.js';
import { brokenRedis } from '../api/fake-parts.js';
import { createManualClock } from '../sim/manual-clock.js';

/** Where a browser stands, and what it says of itself. */
export interface Call {
  readonly address?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The fields of a form; left out, it is a GET. */
  readonly form?: Readonly<Record<string, string>>;
}

/**
 * A console whose Redis knows which sessions were signed out and answers nothing else, unless told
 * otherwise, and a browser on this machine.
 */
export function createFakeConsole(overrides: Partial<ConsoleParts> = {}) {
  const logged: string[] = [];
  const clock = createManualClock();
  const known = new Map<string, number>();
  const redis = Object.assign(brokenRedis(), {
    set: async (key: string, _value: string, _px: string, forMs: number) => known.set(key, forMs),
    exists: async (key: string) => (known.has(key) ? 1 : 0),
  });
  const ledger = createLedger({ redis, cell: 'test' });
  let from = '127.0.0.1';
  const app = createConsole({
    cell: 'jidoka',
    ledger,
    answer: async () => ({ kind: 'unknown_escalation' }),
    cancel: async () => ({ kind: 'unknown_run' }),
    runPlaybook: async () => ({ kind: 'unknown_playbook', why: 'there are none' }),
    explain: async () => [],
    services: serviceListOf(ledger),
    pauses: createPauses({ ledger, clock }),
    resets: createResets({ ledger, clock, wake: async () => {} }),
    health: async () => [],
    active: () => ({ library: createLibrary([]), policy: defaultPolicy, hash: '' }),
    workerAsg: '',
    live: { subscribe: () => null, stop: () => {} },
    adminToken: undefined,
    viewerToken: undefined,
    facing: undefined,
    addressOf: () => from,
    clock,
    metrics: createMetrics(),
    log: pino({}, { write: (line: string) => logged.push(line) }),
    ...overrides,
  });

  async function call(path: string, { address = '127.0.0.1', headers = {}, form }: Call = {}) {
    from = address;
    const init =
      form === undefined
        ? {}
        : { method: 'POST', body: new URLSearchParams(form), headers: ourPage };
    const sent = { host: 'localhost:9095', ...init.headers, ...headers };
    const answer = await app.request(path, { ...init, headers: sent });
    return { status: answer.status, headers: answer.headers, body: await answer.text() };
  }

  /** Signs in, and gives back the cookie and what the forms of that session carry. */
  async function signIn(token: string, name = 'ada') {
    const { status, headers } = await call('/sign-in', { form: { token, name } });
    const cookie = headers.get('set-cookie')?.split(';')[0] ?? '';
    const page = await call('/sign-in', { headers: { cookie } });
    const csrf = csrfIn(page.body);
    return { status, cookie, csrf };
  }

  return { app, call, signIn, clock, logged, known };
}

/** What a browser adds to a form that it sends from a page of ours. */
const ourPage = { 'sec-fetch-site': 'same-origin', origin: 'http://localhost:9095' };

/** What the forms of a page carry. */
export function csrfIn(body: string): string {
  return /name="csrf" value="([^"]+)"/.exec(body)?.[1] ?? '';
}
