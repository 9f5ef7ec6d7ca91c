import { messageOf } from '../../lib/errors.js';
import { type Finding, note, ok, warning, wrong } from '../../lib/finding.js';
import type { Approvers } from '../../playbook/approvers.js';
import { createSlack, isChannelId, type Slack } from '../../slack/client.js';
import { slackScopes } from '../../slack/scopes.js';
import { examineClicks } from './slack-clicks.js';

const names = slackScopes.map(({ scope }) => scope);

/** Looks at Slack: the token, its scopes, and what is needed for buttons to work. */
export async function examineSlack(options: {
  readonly botToken: string | undefined;
  readonly signingSecret: string | undefined;
  readonly appToken: string | undefined;
  readonly approvers: Approvers | undefined;
  readonly channel: string | undefined;
  readonly apiUrl: string | undefined;
  readonly timeoutMs: number;
}): Promise<readonly Finding[]> {
  const { botToken, channel, apiUrl, timeoutMs } = options;
  if (botToken === undefined) {
    return [note('not configured: people are asked on the console only')];
  }
  try {
    const slack = createSlack({ botToken, apiUrl, timeoutMs });
    const { team, user, scopes } = await slack.check();
    return [
      ok(`the token is good: ${user} in ${team}`),
      ...examineScopes(scopes),
      await examineChannel(slack, { channel, user, scopes }),
      ...(await examineClicks(options)),
    ];
  } catch (error) {
    return [
      wrong(
        messageOf(error),
        'Slack gets no messages; questions wait under /api/v1/escalations',
        'check SLACK_BOT_TOKEN (it begins with xoxb-) and SLACK_API_URL',
      ),
    ];
  }
}

function examineScopes(scopes: readonly string[] | undefined): readonly Finding[] {
  if (scopes === undefined) {
    return [note(`its scopes could not be seen; it needs ${names.join(', ')}`)];
  }
  const missing = slackScopes.filter(({ scope }) => !scopes.includes(scope));
  if (missing.length === 0) return [ok(`its scopes hold ${names.join(', ')}`)];
  return missing.map(({ scope, without }) => {
    const text = `the token lacks the scope ${scope}`;
    const advice = `add ${scope} under OAuth & Permissions of the app, and install it again`;
    return without === null
      ? wrong(text, 'Slack refuses every message', advice)
      : warning(text, without, advice);
  });
}

/** Whether the app is in the channel, where that can be asked without posting to it: by a name, with the scopes for it. */
async function examineChannel(
  slack: Slack,
  {
    channel,
    user,
    scopes = [],
  }: {
    readonly channel: string | undefined;
    readonly user: string;
    readonly scopes: readonly string[] | undefined;
  },
): Promise<Finding> {
  if (channel === undefined) {
    return warning(
      'SLACK_CHANNEL is not set',
      'what names no channel of its own is not posted',
      'set SLACK_CHANNEL to the name or the id of a channel',
    );
  }
  const canAsk = ['channels:read', 'groups:read'].every((scope) => scopes.includes(scope));
  if (canAsk && !isChannelId(channel)) {
    const id = await slack.channelId(channel);
    if (id !== null) return ok(`the app is in ${channel} (${id})`);
    return wrong(
      `the app is in no channel ${channel}`,
      'Slack refuses messages to it',
      `write /invite @${user} in that channel, or set SLACK_CHANNEL to the right one`,
    );
  }
  return note(
    `posting to ${channel} was not tried: only a message shows it (invite the bot, then jidoka fire alertname=DoctorTest)`,
  );
}
