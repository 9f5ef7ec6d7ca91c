import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '../../clock.js';
import { messageOf } from '../../errors.js';
import { buttonsOf } from './blocks.js';
import { identity, messageView } from './identity.js';
import type { Channel, SlackMessage } from './workspace.js';

/** A person clicking a button. */
export interface Click {
  /** The channel's id, name or `#name`. */
  readonly channel: string;
  readonly ts: string;
  readonly actionId: string;
  /** Needed only where several blocks have a button with that `actionId`. */
  readonly blockId?: string;
  readonly user: {
    readonly id: string;
    readonly name: string;
    /** Of another workspace, as through Slack Connect; the app's own unless told. */
    readonly teamId?: string;
  };
  /** Where the app takes interactions. */
  readonly url: string;
  /** What somebody who is not Slack would send. */
  readonly forge?: {
    /** Instead of the signature. */
    readonly signature?: string;
    /** Seconds since the Unix epoch, correctly signed. */
    readonly timestampS?: number;
  };
}

/** How the app answered a click. */
export interface ClickAnswer {
  readonly status: number;
  readonly body: string;
  readonly elapsedMs: number;
  /** Where the app may answer the person who clicked. */
  readonly responseUrl: string;
}

/** Slack waits no longer for an acknowledgement. */
const patienceMs = 3000;

/**
 * Sends the interaction of a click as Slack does: a signed form with one `payload`.
 *
 * @throws when the message as it is now has no such button, or when the app does not answer within 3 s
 */
export async function sendClick(
  click: Click,
  context: {
    readonly clock: Clock;
    readonly signingSecret: string;
    readonly channel: Channel;
    readonly message: SlackMessage;
    readonly responseUrl: string;
  },
): Promise<ClickAnswer> {
  const { clock, responseUrl } = context;
  const payload = payloadOf(click, context);
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const timestamp = String(click.forge?.timestampS ?? Math.floor(clock.now() / 1000));
  const signature = click.forge?.signature ?? sign(context.signingSecret, timestamp, body);
  const startedAt = performance.now();
  try {
    const response = await fetch(click.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': signature,
      },
      body,
      signal: AbortSignal.timeout(patienceMs),
    });
    const answer = await response.text();
    const elapsedMs = performance.now() - startedAt;
    return { status: response.status, body: answer, elapsedMs, responseUrl };
  } catch (error) {
    throw new Error(
      `The click was not acknowledged within ${patienceMs} ms by ${click.url}: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

/** Slack's signature, version 0: HMAC-SHA256 over version, timestamp and raw body. */
function sign(secret: string, timestamp: string, body: string): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
}

function payloadOf(
  click: Click,
  {
    clock,
    channel,
    message,
    responseUrl,
  }: { clock: Clock; channel: Channel; message: SlackMessage; responseUrl: string },
): Record<string, unknown> {
  const { blockId, button } = findButton(click, message);
  const { id, name, teamId } = click.user;
  const now = clock.now();
  return {
    type: 'block_actions',
    user: { id, username: name, name, team_id: teamId ?? identity.teamId },
    api_app_id: identity.appId,
    token: 'deprecated',
    container: {
      type: 'message',
      message_ts: message.ts,
      channel_id: channel.id,
      is_ephemeral: false,
    },
    trigger_id: `${now}.${now}.${randomBytes(16).toString('hex')}`,
    team: { id: teamId ?? identity.teamId, domain: identity.teamDomain },
    enterprise: null,
    is_enterprise_install: false,
    channel: { id: channel.id, name: channel.name },
    message: messageView(message),
    state: { values: {} },
    response_url: responseUrl,
    actions: [
      {
        action_id: button.action_id,
        block_id: blockId,
        text: button.text,
        ...(button.value === undefined ? {} : { value: button.value }),
        ...(button.style === undefined ? {} : { style: button.style }),
        type: 'button',
        action_ts: `${Math.floor(now / 1000)}.${String((now % 1000) * 1000).padStart(6, '0')}`,
      },
    ],
  };
}

function findButton({ actionId, blockId }: Click, message: SlackMessage) {
  const found = message.blocks
    .filter((block) => blockId === undefined || block.block_id === blockId)
    .flatMap((block) => buttonsOf(block).map((button) => ({ blockId: block.block_id, button })))
    .filter(({ button }) => button.action_id === actionId);
  const [first, ...others] = found;
  const what = `button ${actionId}${blockId === undefined ? '' : ` in block ${blockId}`}`;
  if (first === undefined) {
    throw new Error(`Nobody can click: message ${message.ts} has no ${what} now.`);
  }
  if (others.length > 0) {
    throw new Error(`Message ${message.ts} has several of ${what}: name its block, too.`);
  }
  return first;
}
