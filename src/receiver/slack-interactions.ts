import { setTimeout as sleep } from 'node:timers/promises';
import { type Context, Hono } from 'hono';
import type { Clock } from '../clock.js';
import { messageOf } from '../errors.js';
import type { AnswerResult } from '../escalation/answer.js';
import { mrkdwn } from '../escalation/slack-text.js';
import type { Logger } from '../logger.js';
import type { GivenAnswer } from './api.js';
import { readBody } from './body.js';
import { remoteAddress } from './remote-address.js';
import { readClick, type SlackClick } from './slack-click.js';
import { verifySlackSignature } from './slack-signature.js';
import { describeTooLate } from './too-late.js';

interface InteractionParts {
  readonly answer: (answer: GivenAnswer) => Promise<AnswerResult>;
  /** `undefined`: buttons do not work. */
  readonly slackSigningSecret: string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

const maxBodyBytes = 1024 * 1024;
/** Slack shows the person an error after 3 s. */
const acknowledgeWithinMs = 2_000;
const tellTimeoutMs = 5_000;
const longestText = 2_000;

/**
 * `POST /slack/interactions`: clicks on the buttons of our messages. Whoever clicks learns what came
 * of it from the message, which is edited elsewhere; here only those are told whose click did nothing.
 */
export function createSlackInteractions({
  answer,
  slackSigningSecret,
  clock,
  log,
}: InteractionParts): Hono {
  const interactions = new Hono();

  interactions.post('/slack/interactions', async (c) => {
    if (slackSigningSecret === undefined) {
      const error = 'clicks in Slack cannot be verified: set SLACK_SIGNING_SECRET';
      log.warn('click refused: SLACK_SIGNING_SECRET is not set');
      return c.json({ error }, 503);
    }
    const body = await readBody(c.req.raw, maxBodyBytes);
    if (body === null) {
      return c.json({ error: `body: expected at most ${maxBodyBytes} bytes` }, 413);
    }
    const verdict = verifySlackSignature({
      signingSecret: slackSigningSecret,
      timestamp: c.req.header('x-slack-request-timestamp'),
      signature: c.req.header('x-slack-signature'),
      body,
      nowMs: clock.now(),
    });
    if (verdict !== 'valid') return refuse(c, verdict);
    const click = readClick(body);
    if (click !== null)
      await Promise.race([take(click), sleep(acknowledgeWithinMs, undefined, { ref: false })]);
    return c.body(null, 200);
  });

  function refuse(c: Context, verdict: 'stale' | 'invalid'): Response {
    log.warn({ verdict, from: remoteAddress(c) }, 'click refused: signature');
    const error =
      verdict === 'stale'
        ? "x-slack-request-timestamp: expected a time within five minutes of this machine's clock"
        : 'x-slack-signature: expected a signature made with the secret in SLACK_SIGNING_SECRET';
    return c.json({ error }, 401);
  }

  /** Resolves as soon as the click is decided; whoever is to be told is told afterwards. */
  async function take(click: SlackClick): Promise<void> {
    const { id, choiceId, by } = click;
    let text: string | null;
    try {
      text = failureOf(await answer({ id, choiceId, by }));
    } catch (error) {
      log.error({ escalation: id, fault: messageOf(error) }, 'click could not be recorded');
      text =
        'Your click could not be recorded. Click again in a moment: if it did count, you will be told.';
    }
    if (text !== null) void tell(click, text);
  }

  /** Shows a text to the person who clicked and to nobody else. Never throws. */
  async function tell({ id, responseUrl }: SlackClick, text: string): Promise<void> {
    if (responseUrl === undefined) return;
    try {
      const response = await fetch(responseUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          response_type: 'ephemeral',
          replace_original: false,
          text: mrkdwn(text, longestText),
        }),
        signal: AbortSignal.timeout(tellTimeoutMs),
      });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`Slack answered ${response.status}`);
    } catch (error) {
      log.warn({ escalation: id, fault: messageOf(error) }, 'the person who clicked was not told');
    }
  }

  return interactions;
}

/** What to tell the person whose click did nothing; `null` when it counted. */
function failureOf(result: AnswerResult): string | null {
  switch (result.kind) {
    case 'accepted':
      return null;
    case 'too_late':
      return `Your click came too late and did nothing. ${describeTooLate(result.escalation)}`;
    case 'unknown_choice': {
      const labels = result.choices.map(({ label }) => `"${label}"`).join(', ');
      const now = labels === '' ? '' : ` There is now: ${labels}.`;
      return `That can no longer be chosen, so your click did nothing.${now}`;
    }
    case 'unknown_escalation':
      return 'This question is no longer known (they are kept for 30 days after they end), so your click did nothing.';
  }
}
