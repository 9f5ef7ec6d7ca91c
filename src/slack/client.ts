import type { WebClient } from '@slack/web-api';
import type { PostedMessage } from '../ledger/escalation.js';
import { slackError } from './error.js';
import type { MessageContent } from './message.js';
import { silentLogger } from './silent-logger.js';

/** Slack's Web API, as much of it as escalations need. Every method throws `SlackError` and tries once. */
export interface Slack {
  /** Whether the token is good, whose it is and what it may do; no `scopes`: Slack does not say. */
  check(): Promise<{
    readonly team: string;
    readonly user: string;
    readonly scopes: readonly string[] | undefined;
  }>;
  /** Posts a message. Where Slack was silent it may have been posted: `find` tells. */
  post(message: NewMessage): Promise<PostedMessage>;
  /** Replaces a message as a whole. */
  update(message: PostedMessage & MessageContent): Promise<void>;
  /**
   * Looks for a message that was posted with this id; `null`: it is not there. `refused` where the app
   * may not read the channel (the scopes are in slack-scopes.ts).
   */
  find(where: SearchPlace): Promise<PostedMessage | null>;
  /**
   * The id of the channel of this name that the app is in; `null`: it is in none. `refused` where it may
   * not know in which channels it is (the scopes are in slack-scopes.ts).
   */
  channelId(name: string): Promise<string | null>;
  /** The address of a message, for people. */
  link(message: PostedMessage): Promise<string>;
}

/** A message to be posted. */
export interface NewMessage extends MessageContent {
  /** The id of a channel, or its name. */
  readonly channel: string;
  /** By which `find` finds it; kept with the message, where people do not see it. */
  readonly id: string;
  /** The message in whose thread it is to stand; left out: in the channel. */
  readonly threadTs?: string | undefined;
  /** Whether what stands in a thread is shown in the channel too. */
  readonly broadcast?: boolean;
}

/** Where a message may stand, and when it was posted if it was. */
export interface SearchPlace {
  /** The id of a channel. */
  readonly channel: string;
  readonly id: string;
  readonly threadTs?: string | undefined;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface SlackOptions {
  readonly botToken: string;
  /** `SLACK_API_URL` (default: Slack itself). */
  readonly apiUrl: string | undefined;
  /** What each call gets from beginning to end. */
  readonly timeoutMs: number;
}

/** Whether a channel is given by Slack's id; else it is given by its name. */
export function isChannelId(channel: string): boolean {
  return /^[CGD][A-Z0-9]+$/.test(channel);
}

/** What messages of ours are marked with. (docs.slack.dev, messaging/message-metadata) */
const eventType = 'jidoka_message';
const maxPages = 10;
const maxOnPage = 200;

/** Calls Slack with a client that neither retries nor waits: anyone who calls does. Throws SlackError. */
export function createSlackCaller({ botToken, apiUrl, timeoutMs }: SlackOptions) {
  let client: Promise<WebClient> | undefined;

  /** With the first call: many run without Slack. */
  async function load(): Promise<WebClient> {
    const sdk = await import('@slack/web-api');
    return new sdk.WebClient(botToken, {
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      timeout: timeoutMs,
      logger: silentLogger,
      ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
    });
  }

  return async <Answer>(what: string, method: (client: WebClient) => Promise<Answer>) => {
    try {
      client ??= load();
      return await method(await client);
    } catch (error) {
      throw slackError(what, error, botToken);
    }
  };
}

/** Creates a client for the messages of escalations. */
export function createSlack(options: SlackOptions): Slack {
  const call = createSlackCaller(options);

  async function find(client: WebClient, place: SearchPlace): Promise<PostedMessage | null> {
    const { channel, id, threadTs, fromMs, toMs } = place;
    let cursor: string | undefined;
    for (let page = 0; page < maxPages; page += 1) {
      const asked = {
        channel,
        oldest: String(fromMs / 1000),
        latest: String(toMs / 1000),
        inclusive: true,
        include_all_metadata: true,
        limit: maxOnPage,
        ...(cursor === undefined ? {} : { cursor }),
      };
      const { messages = [], response_metadata } =
        threadTs === undefined
          ? await client.conversations.history(asked)
          : await client.conversations.replies({ ...asked, ts: threadTs });
      const found = messages.find(({ metadata }) => {
        const { event_type, event_payload } = metadata ?? {};
        return event_type === eventType && event_payload?.['id' as never] === id;
      });
      if (found?.ts !== undefined) return { channel, ts: found.ts };
      cursor = response_metadata?.next_cursor || undefined;
      if (cursor === undefined) return null;
    }
    return null;
  }

  async function channelId(client: WebClient, name: string): Promise<string | null> {
    const bare = name.replace(/^#/, '').toLowerCase();
    let cursor: string | undefined;
    for (let page = 0; page < maxPages; page += 1) {
      const { channels = [], response_metadata } = await client.users.conversations({
        types: 'public_channel,private_channel',
        exclude_archived: true,
        limit: maxOnPage,
        ...(cursor === undefined ? {} : { cursor }),
      });
      const found = channels.find((channel) => channel.name === bare)?.id;
      if (found !== undefined) return found;
      cursor = response_metadata?.next_cursor || undefined;
      if (cursor === undefined) return null;
    }
    return null;
  }

  return {
    check: () =>
      call('auth.test', async (client) => {
        const { team = '', user = '', response_metadata } = await client.auth.test();
        return { team, user, scopes: response_metadata?.scopes };
      }),
    post: ({ channel, id, threadTs, broadcast = false, text, blocks }) =>
      call(`chat.postMessage to ${channel}`, async (client) => {
        const message = {
          channel,
          text,
          blocks: [...blocks],
          metadata: { event_type: eventType, event_payload: { id } },
          unfurl_links: false,
          unfurl_media: false,
        };
        const answer = await client.chat.postMessage(
          threadTs === undefined
            ? message
            : broadcast
              ? { ...message, thread_ts: threadTs, reply_broadcast: true }
              : { ...message, thread_ts: threadTs },
        );
        if (answer.ts === undefined) throw new Error('the answer has no ts');
        return { channel: answer.channel ?? channel, ts: answer.ts };
      }),
    update: ({ channel, ts, text, blocks }) =>
      call(`chat.update in ${channel}`, async (client) => {
        await client.chat.update({ channel, ts, text, blocks: [...blocks] });
      }),
    find: (place) => call(`looking into ${place.channel}`, (client) => find(client, place)),
    channelId: (name) => call(`looking for ${name}`, (client) => channelId(client, name)),
    link: ({ channel, ts }) =>
      call(`chat.getPermalink in ${channel}`, async (client) => {
        const { permalink } = await client.chat.getPermalink({ channel, message_ts: ts });
        if (permalink === undefined) throw new Error('the answer has no permalink');
        return permalink;
      }),
  };
}
