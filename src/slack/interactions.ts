import { type Context, Hono } from 'hono';
import type { Clock } from '../lib/clock.js';
import { InputError } from '../lib/errors.js';
import { parseJson, readBody } from '../lib/http/body.js';
import { remoteAddress } from '../lib/http/remote-address.js';
import type { Logger } from '../lib/logger.js';
import type { TakeInteraction } from './interaction.js';
import { verifySlackSignature } from './signature.js';

interface DoorParts {
  readonly takeInteraction: TakeInteraction;
  /** `undefined`: what comes in cannot be verified and is refused. */
  readonly slackSigningSecret: string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

const maxBodyBytes = 1024 * 1024;

/** `POST /slack/interactions`: the door by which Slack calls us. What is not signed by Slack stays outside. */
export function createSlackInteractions({
  takeInteraction,
  slackSigningSecret,
  clock,
  log,
}: DoorParts): Hono {
  const interactions = new Hono();

  interactions.post('/slack/interactions', async (c) => {
    if (slackSigningSecret === undefined) {
      const error = 'Jidoka cannot verify clicks in Slack: set SLACK_SIGNING_SECRET';
      log.warn('click refused: SLACK_SIGNING_SECRET is not set');
      return c.json({ error }, 503);
    }
    const body = await readBody(c.req.raw, maxBodyBytes);
    if (body === null) {
      return c.json({ error: `body: expected at most ${maxBodyBytes} bytes` }, 413);
    }
    const result = verifySlackSignature({
      signingSecret: slackSigningSecret,
      timestamp: c.req.header('x-slack-request-timestamp'),
      signature: c.req.header('x-slack-signature'),
      body,
      nowMs: clock.now(),
    });
    if (result !== 'valid') return refuse(c, result);
    const answer = await takeInteraction(payloadIn(body));
    return answer === undefined ? c.body(null, 200) : c.json(answer);
  });

  function refuse(c: Context, result: 'stale' | 'invalid'): Response {
    log.warn({ verdict: result, from: remoteAddress(c) }, 'click refused: signature');
    const error =
      result === 'stale'
        ? "x-slack-request-timestamp: expected a time within five minutes of this machine's clock"
        : 'x-slack-signature: expected a signature made with the secret in SLACK_SIGNING_SECRET';
    return c.json({ error }, 401);
  }

  return interactions;
}

/** The body is a form with one JSON field. @throws InputError when it is not. */
function payloadIn(body: Buffer): unknown {
  const payload = new URLSearchParams(body.toString('utf8')).get('payload');
  if (payload !== null) return parseJson(Buffer.from(payload));
  throw new InputError('payload: missing; expected a form with the field "payload"', 'payload');
}
