import { type Context, Hono } from 'hono';
import type { Labels } from '../alert/alert.js';
import { InputError, messageOf } from '../errors.js';
import { remoteAddress } from '../http/remote-address.js';
import type { Logger } from '../logger.js';
import type { Metrics } from '../metrics.js';
import { readBody } from './body.js';
import { mayCall } from './caller.js';
import type { CommandState, Commands } from './commands.js';
import { type GroupBody, readGroup } from './group-labels.js';

interface DockerScalerParts {
  readonly commands: Commands;
  /** `undefined`: whoever reaches the port may call. */
  readonly webhookToken: string | undefined;
  readonly metrics: Metrics;
  readonly log: Logger;
}

const maxBodyBytes = 32 * 1024 * 1024;
/** How long a caller waits for what becomes of its call; docker-scaler answered when it had acted. */
const waitMs = 8_000;
/** How many commands of one call are put into the queue at a time, and how many its caller hears of. */
const issuedAtOnce = 50;
const mostWatched = 50;

const address =
  /^.*\/v1\/(?<name>ping|scale-service|scale-nodes|reschedule-service|reschedule-services)\/?$/;

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
      const body = readGroup(bytes);
      if (body?.resolved) return answer(c, 200, 'the alerts have resolved; nothing is done');
      const { token: _, ...query } = c.req.query();
      return await carryOut(c, name, requestsIn(name, query, body));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return answer(c, 400, error.message);
    }
  });

  async function carryOut(c: Context, name: string, requests: readonly Labels[]) {
    const numbers: number[] = [];
    for (let start = 0; start < requests.length; start += issuedAtOnce) {
      const some = requests.slice(start, start + issuedAtOnce);
      const issued = some.map((parameters) =>
        commands.issue({ source: 'docker-scaler', name, parameters }),
      );
      numbers.push(...(await Promise.all(issued)));
    }
    metrics.notifications.inc({ outcome: 'accepted' });
    const watched = numbers.slice(0, mostWatched);
    const states = await Promise.all(watched.map(outcome));
    const more = numbers.length - watched.length;
    const message = [...states.map(describe), ...(more > 0 ? [`${more} more were taken`] : [])];
    // for docker-scaler, too, it was no error that there was nothing to do
    const hasFailed = states.some((one) => one?.state === 'failed' && one.atBound !== true);
    return answer(c, hasFailed ? 400 : 200, message.join('; '));
  }

  /** How far a command is after a while; `null` where that cannot be read: it was taken all the same. */
  async function outcome(number: number): Promise<CommandState | null> {
    try {
      return await commands.settled(number, waitMs);
    } catch (error) {
      log.warn({ number, fault: messageOf(error) }, 'a call was taken; its outcome is not known');
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

/** What is asked for: by the query, by the group, or by each alert of it that fires. */
function requestsIn(name: string, query: Labels, body: GroupBody | null): readonly Labels[] {
  if (name.startsWith('reschedule')) {
    if (name === 'reschedule-service') need(query, 'service', 'the name of a service');
    return [query];
  }
  const together = { ...body?.groupLabels, ...query };
  const isEnough = together.scale !== undefined && (name === 'scale-nodes' || together.service);
  const each =
    isEnough || body === null || body.alerts.length === 0
      ? [together]
      : body.alerts.map((labels) => ({ ...labels, ...query }));
  const distinct = new Map(
    each.map((labels) => asRequest(name, labels)).map((one) => [JSON.stringify(one), one]),
  );
  return [...distinct.values()];
}

function asRequest(name: string, labels: Labels): Labels {
  const { scale = '', by = '' } = labels;
  if (name === 'scale-service') need(labels, 'service', 'the name of a service');
  if (scale !== 'up' && scale !== 'down') {
    throw new InputError(`scale: expected up or down, got ${JSON.stringify(scale)}`, 'scale');
  }
  if (by !== '' && !/^[1-9]\d{0,4}$/.test(by)) {
    throw new InputError(`by: expected a whole number, 1 or more, got ${JSON.stringify(by)}`, 'by');
  }
  const about: Labels =
    name === 'scale-service' ? { service: labels.service ?? '' } : { type: roleIn(labels) };
  return { ...about, scale, ...(by === '' ? {} : { by }) };
}

function roleIn({ type = 'worker' }: Labels): string {
  if (type === 'worker' || type === 'manager') return type;
  if (type === 'node') return 'worker';
  throw new InputError(`type: expected worker or manager, got ${JSON.stringify(type)}`, 'type');
}

function need(labels: Labels, name: string, what: string): void {
  if (!labels[name]) throw new InputError(`${name}: expected ${what}, got nothing`, name);
}

function describe(state: CommandState | null): string {
  if (state === null) return 'it was taken';
  const { detail } = state;
  switch (state.state) {
    case 'held':
      return `it waits: ${detail}`;
    case 'queued':
    case 'working':
      return `it was taken and goes on: ${detail}`;
    default:
      return detail;
  }
}
