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
  { scope: 'chat:write', why: 'posts messages and edits them', without: null },
  {
    scope: 'channels:history',
    why: 'looks whether a message was posted, after a crash or a silence, in public channels',
    without: 'a message that was posted at the moment of a crash is posted twice',
  },
  {
    scope: 'groups:history',
    why: 'the same in private channels',
    without: 'a message that was posted at the moment of a crash is posted twice',
  },
  {
    scope: 'channels:read',
    why: 'knows the id of a public channel by its name, to look there for the first message to it',
    without:
      'the first message to a channel is posted twice if it was posted at the moment of a crash',
  },
  {
    scope: 'groups:read',
    why: 'the same for private channels',
    without:
      'the first message to a channel is posted twice if it was posted at the moment of a crash',
  },
  {
    scope: 'usergroups:read',
    why: 'reads who is in a user group of approvers',
    without: 'nobody may decide by a group',
  },
];
