import type { Clock } from '../../lib/clock.js';
import { type Block, readBlocks } from './blocks.js';
import { type MessageMetadata, readMetadata } from './metadata.js';
import { SlackError } from './slack-error.js';

/** What a message said at one time. */
export interface Revision {
  readonly text: string;
  readonly blocks: readonly Block[];
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

/** A message in a channel; `text` and `blocks` are what it says now. */
export interface SlackMessage {
  readonly channel: string;
  readonly ts: string;
  readonly threadTs: string | undefined;
  /** It stands in a thread, and is shown in the channel too. */
  readonly broadcast: boolean;
  readonly metadata: MessageMetadata | undefined;
  readonly text: string;
  readonly blocks: readonly Block[];
  /** What it said, oldest first; the last is what it says now. */
  readonly revisions: readonly Revision[];
}

export interface Channel {
  readonly id: string;
  readonly name: string;
  readonly isPrivate?: boolean;
}

/** The message that a reply answers, and whether the reply is shown in the channel too. */
export interface Reply {
  readonly threadTs: string;
  readonly broadcast: boolean;
}

/** What a message is to say; absent is not the same as empty. */
export interface Content {
  readonly text?: unknown;
  readonly blocks?: unknown;
  readonly metadata?: unknown;
}

/** The channels and messages of the simulated Slack. */
export interface Workspace {
  /** By id; throws SlackError `channel_not_found`. */
  channel(id: string): Channel;
  /** By id, name or `#name`, as chat.postMessage takes it; throws SlackError `channel_not_found`. */
  channelByAnyName(name: string): Channel;
  /** Throws SlackError `thread_not_found` for a reply to no message, `cannot_reply_to_message` for one to a reply. */
  post(channel: Channel, content: Content, reply?: Reply): SlackMessage;
  /** Blocks that are absent stay; throws SlackError `message_not_found`. */
  update(channel: Channel, ts: string, content: Content): SlackMessage;
  remove(channel: Channel, ts: string): void;
  /** Throws SlackError `message_not_found`. */
  message(channel: Channel, ts: string): SlackMessage;
  messages(channel: Channel): readonly SlackMessage[];
}

/** What Slack shows where blocks cannot be shown and no text was given. */
const noText = "This content can't be displayed.";

const longestPost = 40_000;

/** In bytes, after `&`, `<` and `>` are escaped. */
const longestUpdate = 4000;

/** Creates a workspace with its channels and no messages. */
export function createWorkspace(options: {
  readonly clock: Clock;
  readonly channels: readonly Channel[];
}): Workspace {
  const { clock, channels } = options;
  const messages: SlackMessage[] = [];
  let lastMicros = 0;

  function nextTs(): string {
    lastMicros = Math.max(clock.now() * 1000, lastMicros + 1);
    const micros = String(lastMicros % 1_000_000).padStart(6, '0');
    return `${Math.floor(lastMicros / 1_000_000)}.${micros}`;
  }

  function indexOf(channel: Channel, ts: string): number {
    const index = messages.findIndex((one) => one.channel === channel.id && one.ts === ts);
    if (index === -1) throw new SlackError('message_not_found');
    return index;
  }

  function message(channel: Channel, ts: string): SlackMessage {
    return messages[indexOf(channel, ts)] as SlackMessage;
  }

  function existing(found: Channel | undefined): Channel {
    if (found === undefined) throw new SlackError('channel_not_found');
    return found;
  }

  return {
    message,
    messages: (channel) => messages.filter((one) => one.channel === channel.id),
    channel: (id) => existing(channels.find((one) => one.id === id)),
    channelByAnyName(name) {
      const bare = name.replace(/^#/, '');
      return existing(channels.find((one) => one.id === name || one.name === bare));
    },
    post(channel, content, reply) {
      const parent = messages.find(({ ts, channel: id }) => {
        return id === channel.id && ts === reply?.threadTs;
      });
      if (reply !== undefined && parent === undefined) throw new SlackError('thread_not_found');
      if (parent?.threadTs !== undefined) throw new SlackError('cannot_reply_to_message');
      const text = readText(content);
      if (text.length > longestPost) throw new SlackError('msg_too_long');
      const blocks = content.blocks === undefined ? [] : readBlocks(content.blocks);
      if (text === '' && blocks.length === 0) throw new SlackError('no_text');
      const said: Revision = { text: text || noText, blocks, at: clock.now() };
      const { at: _, ...now } = said;
      const posted = {
        channel: channel.id,
        ts: nextTs(),
        threadTs: reply?.threadTs,
        broadcast: reply?.broadcast ?? false,
        metadata: readMetadata(content.metadata),
        ...now,
        revisions: [said],
      };
      messages.push(posted);
      return posted;
    },
    update(channel, ts, content) {
      const index = indexOf(channel, ts);
      const old = message(channel, ts);
      const text = readText(content);
      if (escapedBytes(text) > longestUpdate) throw new SlackError('msg_too_long');
      const given = content.blocks === undefined ? undefined : readBlocks(content.blocks);
      if (text === '' && (given ?? []).length === 0) throw new SlackError('no_text');
      const said: Revision = {
        text: text || noText,
        blocks: given ?? old.blocks,
        at: clock.now(),
      };
      const { at: _, ...now } = said;
      const updated = { ...old, ...now, revisions: [...old.revisions, said] };
      messages[index] = updated;
      return updated;
    },
    remove(channel, ts) {
      messages.splice(indexOf(channel, ts), 1);
    },
  };
}

function readText({ text }: Content): string {
  return text === undefined || text === null ? '' : String(text);
}

function escapedBytes(text: string): number {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return Buffer.byteLength(escaped);
}
