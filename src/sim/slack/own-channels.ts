import { SlackError } from './slack-error.js';
import type { Channel } from './workspace.js';

type Params = Readonly<Record<string, unknown>>;

const defaultLimit = 100;
const highestLimit = 999;
const scopeOf: Readonly<Record<string, string>> = {
  public_channel: 'channels:read',
  private_channel: 'groups:read',
};

/**
 * `users.conversations`: the channels that the app is in, which here are all that there are. Each type of
 * channel that is asked for needs a scope of its own. (docs.slack.dev, users.conversations)
 *
 * @param scopes what the bot token may do
 */
export function createOwnChannels(channels: readonly Channel[], scopes: readonly string[]) {
  return {
    needs(params: Params): string {
      const needed = typesOf(params).map((type) => scopeOf[type] ?? 'channels:read');
      return needed.find((scope) => !scopes.includes(scope)) ?? needed[0] ?? 'channels:read';
    },

    perform(params: Params) {
      const types = typesOf(params);
      if (types.some((type) => !(type in scopeOf))) throw new SlackError('invalid_types');
      const limit = params.limit === undefined ? defaultLimit : Number(params.limit);
      if (!(limit >= 1 && limit <= highestLimit)) throw new SlackError('invalid_limit');
      const start = Number(params.cursor ?? 0);
      if (!Number.isInteger(start)) throw new SlackError('invalid_cursor');
      const asked = channels.filter(({ isPrivate = false }) => {
        return types.includes(isPrivate ? 'private_channel' : 'public_channel');
      });
      const end = start + limit;
      return {
        channels: asked.slice(start, end).map(({ id, name }) => ({ id, name })),
        response_metadata: { next_cursor: end < asked.length ? String(end) : '' },
      };
    },
  };
}

function typesOf({ types = 'public_channel' }: Params): readonly string[] {
  return String(types)
    .split(',')
    .map((type) => type.trim());
}
