import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { messageOf } from '../../lib/errors.js';
import { type AllowedHost, originOf } from '../contract/allowed-host.js';
import { createCircuit } from '../contract/circuit.js';
import { TargetError } from '../contract/target-error.js';
import { withDeadline } from '../contract/transport.js';
import { type HttpAnswer, judgeAnswer, secretsIn } from './answer.js';
import { listedHost } from './hosts.js';

/** A call of an address. */
export interface HttpCall {
  readonly method: string;
  readonly url: string;
  /** JSON; left out, nothing is sent but the request itself. */
  readonly body?: string | undefined;
  /** What it gets from beginning to end. */
  readonly timeoutMs: number;
  /** The same for every copy of one call, another for each call: the header Idempotency-Key. */
  readonly key: string;
}

/** Calls of hosts that are listed, and of no others. Both methods throw `TargetError` and nothing else. */
export interface Http {
  /** Whether an address may be called, and can be: `forbidden` if not. Sends nothing. */
  check(url: string): Promise<void>;
  /** What is sent to an address and must never be shown: its credential, in all its forms. */
  secrets(url: string): readonly string[];
  /** Makes a call, in one attempt, and says what was answered. */
  send(call: HttpCall): Promise<string>;
}

export interface HttpOptions {
  /** The hosts that may be called now. */
  readonly hosts: () => readonly AllowedHost[];
  /** Values of the header Authorization, by the name of their variable. */
  readonly credentials: Readonly<Record<string, string>>;
}

/** How much of a body is read, and how long it is waited for once the status is there. */
const bodyBytes = 4_096;
const bodyMs = 1_000;

/** Creates a client for calling hosts. Connects to nothing before the first call. */
export function createHttp({ hosts, credentials }: HttpOptions): Http {
  const circuits = new Map<string, ReturnType<typeof createCircuit>>();

  function circuitOf(origin: string) {
    const circuit = circuits.get(origin) ?? createCircuit({ system: origin });
    circuits.set(origin, circuit);
    return circuit;
  }

  /** @throws TargetError `forbidden` where the host is not listed, or its credentials are not set. */
  function authorizationFor(url: string): string | undefined {
    const { origin, authorization: name } = listedHost(hosts(), url);
    if (name === undefined) return undefined;
    const value = Object.hasOwn(credentials, name) ? credentials[name] : undefined;
    if (value !== undefined) return value;
    throw new TargetError(
      'forbidden',
      `${origin} needs the credentials in ${name}, which is not set`,
    );
  }

  return {
    secrets(url) {
      const origin = originOf(url);
      const name = hosts().find((host) => host.origin === origin)?.authorization;
      return secretsIn(name === undefined ? undefined : credentials[name]);
    },

    async check(url) {
      authorizationFor(url);
    },

    async send(call) {
      const { method, url, timeoutMs } = call;
      const authorization = authorizationFor(url);
      const what = `${method} ${url}`;
      const seen: Seen = { sent: false, answer: undefined };
      return circuitOf(originOf(url) ?? url)(async () => {
        try {
          await withDeadline(timeoutMs, (signal) => exchange(call, authorization, seen, signal));
        } catch (error) {
          if (seen.answer === undefined) throw failure(what, seen, error);
        }
        if (seen.answer === undefined) throw failure(what, seen, new Error('no answer'));
        return judgeAnswer(seen.answer, what, secretsIn(authorization));
      });
    },
  };
}

/** How far a call got. */
interface Seen {
  sent: boolean;
  answer: HttpAnswer | undefined;
}

/** Sends the request on a connection of its own and notes in `seen` how far it gets. */
function exchange(
  { method, url, body, key }: HttpCall,
  authorization: string | undefined,
  seen: Seen,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? httpsRequest : httpRequest;
    // A reused connection that the other side just closed would turn a request that was never sent
    // into one whose outcome is unknown.
    const request: ClientRequest = send(url, {
      method,
      agent: false,
      signal,
      headers: {
        accept: '*/*',
        'user-agent': 'jidoka',
        'idempotency-key': key,
        ...(authorization === undefined ? {} : { authorization }),
        ...(method === 'GET' ? {} : { 'content-length': Buffer.byteLength(body ?? '') }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
    });
    request.on('socket', (socket) => {
      // until then nothing has left this machine, with TLS not even the request line
      socket.once(url.startsWith('https:') ? 'secureConnect' : 'connect', () => {
        seen.sent = true;
      });
    });
    request.on('error', reject);
    request.on('response', (response) => {
      readBeginning(response, seen, () => {
        request.destroy();
        resolve();
      });
    });
    request.end(body);
  });
}

/** Reads the beginning of a body. Once the status is there, nothing that happens to the body is a failure. */
function readBeginning(response: IncomingMessage, seen: Seen, done: () => void): void {
  const { statusCode: status = 0, headers } = response;
  let body = Buffer.alloc(0);
  const note = () => {
    seen.answer = { status, location: headers.location, body: body.toString('utf8') };
  };
  note();
  const timer = setTimeout(finish, bodyMs);
  function finish(): void {
    clearTimeout(timer);
    done();
  }
  response.on('data', (chunk: Buffer) => {
    body = Buffer.concat([body, chunk]).subarray(0, bodyBytes);
    note();
    if (body.length === bodyBytes) finish();
  });
  for (const end of ['end', 'error', 'close']) response.on(end, finish);
}

function failure(what: string, { sent }: Seen, error: unknown): TargetError {
  const why = messageOf(error);
  return sent
    ? new TargetError('unknown', `${what} was sent: ${why}; its outcome is unknown`, {
        cause: error,
      })
    : new TargetError('unavailable', `${what} was not sent: ${why}`, { cause: error });
}
