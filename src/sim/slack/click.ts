import type { Clock } from '../../lib/clock.js';
import { buttonsOf } from './blocks.js';
import { identity, messageView } from './identity.js';
import type { Acknowledged, Forgery } from './send.js';
import type { Clicker } from './views.js';
import type { Channel, SlackMessage } from './workspace.js';

/** A person clicking a button. */
export interface Click {
  /** The channel's id, name or `#name`. */
  readonly channel: string;
  readonly ts: string;
  readonly actionId: string;
  /** Needed only where several blocks have a button with that `actionId`. */
  readonly blockId?: string;
  readonly user: Clicker;
  /** Where the app takes interactions; left out, over its socket. */
  readonly url?: string;
  readonly forge?: Forgery;
}

/** How the app answered a click. */
export interface ClickAnswer extends Acknowledged {
  /** Where the app may answer the person who clicked. */
  readonly responseUrl: string;
}

/**
 * The interaction of a click as Slack sends it.
 *
 * @throws when the message as it is now has no such button
 */
export function clickPayload(
  click: Click,
  context: {
    readonly clock: Clock;
    readonly channel: Channel;
    readonly message: SlackMessage;
    readonly responseUrl: string;
    readonly triggerId: string;
  },
): Record<string, unknown> {
  const { clock, channel, message, responseUrl, triggerId } = context;
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
    trigger_id: triggerId,
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
