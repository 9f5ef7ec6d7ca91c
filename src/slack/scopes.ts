/** A permission of the Slack app. (docs.slack.dev, reference/scopes) */
export interface SlackScope {
  readonly scope: string;
  /** What it is for. */
  readonly why: string;
  /** What does not work without it; `null`: nothing does. */
  readonly without: string | null;
}

/** The scopes that the bot token is to have: `jidoka doctor` looks for them. */
export const slackScopes: readonly SlackScope[] = [
  { scope: 'chat:write', why: 'posts and edits messages', without: null },
  {
    scope: 'channels:history',
    why: 'finds messages already posted to public channels, after a crash or an interruption',
    without: 'Jidoka may post a message twice after a crash',
  },
  {
    scope: 'groups:history',
    why: 'the same in private channels',
    without: 'Jidoka may post a message twice after a crash',
  },
  {
    scope: 'channels:read',
    why: 'finds the ID of a public channel by its name, to look there for the first message',
    without: 'Jidoka may post the first message to a channel twice after a crash',
  },
  {
    scope: 'groups:read',
    why: 'the same for private channels',
    without: 'Jidoka may post the first message to a channel twice after a crash',
  },
  {
    scope: 'usergroups:read',
    why: 'reads the members of a user group of approvers',
    without: 'groups of approvers cannot decide',
  },
];
