import { messageView } from './identity.js';
import { SlackError } from './slack-error.js';
import type { Channel, SlackMessage, Workspace } from './workspace.js';

type Params = Readonly<Record<string, unknown>>;

const defaultLimit = 100;
const highestLimit = 999;

/**
 * `conversations.history`: what stands in a channel, newest first; replies only where they are shown
 * in the channel too. (docs.slack.dev, conversations.history)
 */
export function channelHistory(workspace: Workspace, channel: Channel, params: Params) {
  const standing = workspace
    .messages(channel)
    .filter(({ threadTs, broadcast }) => threadTs === undefined || broadcast);
  return page([...standing].reverse(), params);
}

/**
 * `conversations.replies`: a message and its replies, oldest first; the message itself whatever the
 * times asked for. Throws SlackError `thread_not_found`.
 */
export function threadReplies(workspace: Workspace, channel: Channel, params: Params) {
  const ts = String(params.ts ?? '');
  const all = workspace.messages(channel);
  const root = all.find((message) => message.ts === ts);
  if (root === undefined) throw new SlackError('thread_not_found');
  const { messages, ...rest } = page(
    all.filter(({ threadTs }) => threadTs === ts),
    params,
  );
  return { ...rest, messages: [view(root, params), ...messages] };
}

function page(messages: readonly SlackMessage[], params: Params) {
  const limit = params.limit === undefined ? defaultLimit : Number(params.limit);
  if (!(limit >= 1 && limit <= highestLimit)) throw new SlackError('invalid_limit');
  const asked = messages.filter(({ ts }) => isWithin(Number(ts), params));
  const start = Number(params.cursor ?? 0);
  if (!Number.isInteger(start)) throw new SlackError('invalid_cursor');
  const end = start + limit;
  const hasMore = end < asked.length;
  return {
    messages: asked.slice(start, end).map((message) => view(message, params)),
    has_more: hasMore,
    response_metadata: { next_cursor: hasMore ? String(end) : '' },
  };
}

function isWithin(ts: number, { oldest, latest, inclusive }: Params): boolean {
  const from = oldest === undefined ? 0 : Number(oldest);
  const to = latest === undefined ? Number.POSITIVE_INFINITY : Number(latest);
  if (Number.isNaN(from)) throw new SlackError('invalid_ts_oldest');
  if (Number.isNaN(to)) throw new SlackError('invalid_ts_latest');
  return isSet(inclusive) ? ts >= from && ts <= to : ts > from && ts < to;
}

function view(message: SlackMessage, { include_all_metadata }: Params) {
  const { metadata } = message;
  return {
    ...messageView(message),
    ...(metadata !== undefined && isSet(include_all_metadata) ? { metadata } : {}),
  };
}

function isSet(flag: unknown): boolean {
  return flag === true || flag === 'true' || flag === '1';
}
