import { type Context, Hono } from 'hono';
import type { Labels } from '../alertmanager/alert.js';
import type { CallState, Commands } from '../engine/commands/commands.js';
import { InputError, messageOf } from '../lib/errors.js';
import { readBody } from '../lib/http/body.js';
import { remoteAddress } from '../lib/http/remote-address.js';
import type { Logger } from '../lib/logger.js';
import type { Metrics } from '../lib/metrics.js';
import { mayCall } from './caller.js';
import { nothingAsked } from './group-labels.js';
import { readScalerCall } from './scaler-request.js';

interface DockerScalerParts {
  readonly commands: Commands;
  /** `undefined`: every caller that reaches the port may call. */
  readonly webhookToken: string | undefined;
  readonly metrics: Metrics;
  readonly log: Logger;
}

const maxBodyBytes = 32 * 1024 * 1024;
/** How long a caller waits for what becomes of its call; docker-scaler answered when it had acted. */
const waitMs = 8_000;
/** How many commands of one call are put into the queue at a time, and how many its caller hears of. */
const issuedConcurrency = 50;
const maxWatched = 50;

const address =
  /^.*\/v1\/(?<name>ping|scale-service|scale-nodes|reschedule-service|reschedule-services)\/?$/;

/** Whether a path is one that docker-scaler answers. */
export function isScalerPath(path: string): boolean {
  return address.test(path);
}

/** docker-scaler's API under any prefix; what it asks for becomes commands. */
export function createDockerScaler(parts: DockerScalerParts): Hono {
  const { commands, webhookToken, metrics, log } = parts;
  const scaler = new Hono();

  scaler.use(async (c, next) => {
    const name = address.exec(c.req.path)?.groups?.name;
    if (name === 'ping' && c.req.method === 'GET') return c.body(null, 200);
    if (name === undefined || c.req.method !== 'POST') return next();
    if (!mayCall(c, webhookToken, c.req.query('token'))) return refuse(c);
    const bytes = await readBody(c.req.raw, maxBodyBytes);
    if (bytes === null) return answer(c, 413, `expected a body of at most ${maxBodyBytes} bytes`);
    try {
      const { token: _, ...query } = c.req.query();
      const requests = readScalerCall({ name, query, bytes });
      if (requests.length > 0) return await carryOut(c, name, requests);
      return answer(c, 200, nothingAsked);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return answer(c, 400, error.message);
    }
  });

  async function carryOut(c: Context, name: string, requests: readonly Labels[]) {
    const numbers: number[] = [];
    for (let start = 0; start < requests.length; start += issuedConcurrency) {
      const some = requests.slice(start, start + issuedConcurrency);
      const issued = some.map((parameters) =>
        commands.issue({ source: 'docker-scaler', name, parameters }),
      );
      numbers.push(...(await Promise.all(issued)));
    }
    metrics.notifications.inc({ outcome: 'accepted' });
    const watched = numbers.slice(0, maxWatched);
    const states = await Promise.all(watched.map(outcome));
    const more = numbers.length - watched.length;
    const message = [...states.map(describe), ...(more > 0 ? [`${more} more accepted`] : [])];
    // for docker-scaler, too, it was no error that there was nothing to do
    const hasFailed = states.some((one) => one?.state === 'failed' && one.atBound !== true);
    return answer(c, hasFailed ? 400 : 200, message.join('; '));
  }

  /** How far a command is after a while; `null` where that cannot be read: it was taken all the same. */
  async function outcome(number: number): Promise<CallState | null> {
    try {
      return await commands.settled(number, waitMs);
    } catch (error) {
      log.warn({ number, fault: messageOf(error) }, 'call accepted; its outcome is unknown');
      return null;
    }
  }

  /** Never with the token. */
  function refuse(c: Context): Response {
    metrics.refusals.inc({ route: 'docker_scaler', reason: 'forbidden' });
    log.warn({ from: remoteAddress(c), path: c.req.path }, 'call refused: no valid token');
    return answer(c, 403, 'expected the token in JIDOKA_WEBHOOK_TOKEN, as the parameter token');
  }

  return scaler;
}

function answer(c: Context, status: 200 | 400 | 403 | 413, message: string): Response {
  return c.json({ status: status === 200 ? 'OK' : 'NOK', message }, status);
}

function describe(state: CallState | null): string {
  if (state === null) return 'accepted';
  const { detail } = state;
  switch (state.state) {
    case 'held':
      return `it waits: ${detail}`;
    case 'queued':
    case 'working':
      return `accepted and in progress: ${detail}`;
    default:
      return detail;
  }
}
