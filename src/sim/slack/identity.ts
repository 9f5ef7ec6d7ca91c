import type { SlackMessage } from './workspace.js';

/** The ids of the workspace, the app and its bot; the same in every simulated Slack. */
export const identity = {
  teamId: 'T0SIMULATED',
  teamDomain: 'simulated',
  appId: 'A0SIMULATED',
  botId: 'B0SIMULATED',
  botUserId: 'U0SIMULATED',
  botName: 'jidoka',
} as const;

/** A message as Slack sends it: in answers of the Web API and in interactions. */
export function messageView(message: SlackMessage): Record<string, unknown> {
  const latest = message.revisions.at(-1);
  return {
    type: 'message',
    user: identity.botUserId,
    bot_id: identity.botId,
    app_id: identity.appId,
    team: identity.teamId,
    ts: message.ts,
    text: message.text,
    ...(message.threadTs === undefined ? {} : { thread_ts: message.threadTs }),
    ...(message.broadcast ? { subtype: 'thread_broadcast' } : {}),
    ...(message.blocks.length === 0 ? {} : { blocks: message.blocks }),
    ...(message.revisions.length === 1 || latest === undefined
      ? {}
      : { edited: { user: identity.botUserId, ts: `${Math.floor(latest.at / 1000)}.000000` } }),
  };
}
