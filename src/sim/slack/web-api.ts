import type { Clock } from '../../lib/clock.js';
import type { SimReply, SimRequest } from '../http.js';
import { isObject } from './check.js';
import { channelHistory, threadReplies } from './history.js';
import { identity, messageView } from './identity.js';
import { createOwnChannels } from './own-channels.js';
import { SlackError } from './slack-error.js';
import type { SocketMode } from './socket-mode.js';
import { createUserGroups, type SlackGroup } from './usergroups.js';
import type { Views } from './views.js';
import type { Channel, Workspace } from './workspace.js';

export interface SlackUser {
  readonly id: string;
  readonly name: string;
}

type Params = Readonly<Record<string, unknown>>;

interface Method {
  /** The scope that a bot token has to have; `null`: none. */
  readonly needs: string | null | ((params: Params) => string);
  readonly perform: (params: Params) => Record<string, unknown>;
  /** It takes the app-level token and no other. */
  readonly isForApp?: true;
}

/** Answers one request to `/api/<method>`. */
export type WebApi = (method: string, request: SimRequest) => SimReply;

const tsPattern = /^\d+\.\d{6}$/;

/** Slack's "about one message a second a channel". */
const postIntervalMs = 1000;

/**
 * The methods of the Web API that the simulation has: auth.test, chat.postMessage, chat.update,
 * apps.connections.open, chat.getPermalink, conversations.history, .replies and .info,
 * usergroups.users.list, users.conversations, users.info and views.open. As in Slack, every error but a rate limit is HTTP 200 with
 * `ok: false`; and as there, a token that has not the scope of a method is refused, and every answer to a
 * good token says which scopes it has.
 */
export function createWebApi(options: {
  readonly workspace: Workspace;
  readonly channels: readonly Channel[];
  readonly clock: Clock;
  readonly botToken: string;
  /** `undefined`: the app has no app-level token. */
  readonly appToken: string | undefined;
  readonly scopes: readonly string[];
  readonly users: readonly SlackUser[];
  readonly groups: readonly SlackGroup[];
  readonly views: Views;
  readonly socket: SocketMode;
  readonly rateLimit: boolean;
}): WebApi {
  const { workspace, clock, scopes } = options;
  const postedAtMs = new Map<string, number>();

  function holdToRate(channel: Channel): void {
    const last = postedAtMs.get(channel.id);
    const waitMs = last === undefined ? 0 : last + postIntervalMs - clock.now();
    if (options.rateLimit && waitMs > 0) throw new RateLimited(Math.ceil(waitMs / 1000));
    postedAtMs.set(channel.id, clock.now());
  }

  function authTest() {
    return {
      url: `https://${identity.teamDomain}.slack.com/`,
      team: identity.teamDomain,
      user: identity.botName,
      team_id: identity.teamId,
      user_id: identity.botUserId,
      bot_id: identity.botId,
      is_enterprise_install: false,
    };
  }

  function postMessage(params: Params) {
    const channel = workspace.channelByAnyName(textParam(params, 'channel'));
    holdToRate(channel);
    const threadTs = textParam(params, 'thread_ts') || undefined;
    if (threadTs !== undefined && !tsPattern.test(threadTs)) {
      throw new SlackError('invalid_thread_ts');
    }
    const broadcast = textParam(params, 'reply_broadcast') === 'true';
    const reply = threadTs === undefined ? undefined : { threadTs, broadcast };
    const message = workspace.post(channel, params, reply);
    return { channel: channel.id, ts: message.ts, message: messageView(message) };
  }

  function updateMessage(params: Params) {
    const channel = workspace.channel(textParam(params, 'channel'));
    const message = workspace.update(channel, textParam(params, 'ts'), params);
    const { ts, text } = message;
    return { channel: channel.id, ts, text, message: messageView(message) };
  }

  function permalink(params: Params) {
    const channel = workspace.channel(textParam(params, 'channel'));
    const { ts, threadTs } = workspace.message(channel, textParam(params, 'message_ts'));
    const place = `https://${identity.teamDomain}.slack.com/archives/${channel.id}/p${ts.replace('.', '')}`;
    const inThread = threadTs === undefined ? '' : `?thread_ts=${threadTs}&cid=${channel.id}`;
    return { channel: channel.id, permalink: place + inThread };
  }

  /** The history of a private channel needs another scope than that of a public one. */
  function historyScope(params: Params): string {
    const { isPrivate } = workspace.channel(textParam(params, 'channel'));
    return isPrivate === true ? 'groups:history' : 'channels:history';
  }

  const history = (params: Params) =>
    channelHistory(workspace, workspace.channel(textParam(params, 'channel')), params);
  const replies = (params: Params) =>
    threadReplies(workspace, workspace.channel(textParam(params, 'channel')), params);

  function conversationInfo(params: Params) {
    const channel = workspace.channel(textParam(params, 'channel'));
    return { channel: { ...channel, is_channel: true, is_member: true, is_archived: false } };
  }

  function userInfo(params: Params) {
    const user = options.users.find(({ id }) => id === params.user);
    if (user === undefined) throw new SlackError('user_not_found');
    return { user: { ...user, team_id: identity.teamId, deleted: false, is_bot: false } };
  }

  const methods = new Map<string, Method>([
    ['auth.test', { needs: null, perform: authTest }],
    ['chat.postMessage', { needs: 'chat:write', perform: postMessage }],
    ['chat.update', { needs: 'chat:write', perform: updateMessage }],
    ['chat.getPermalink', { needs: null, perform: permalink }],
    ['conversations.history', { needs: historyScope, perform: history }],
    ['conversations.replies', { needs: historyScope, perform: replies }],
    ['conversations.info', { needs: 'channels:read', perform: conversationInfo }],
    [
      'usergroups.users.list',
      { needs: 'usergroups:read', perform: createUserGroups(options.groups) },
    ],
    [
      'apps.connections.open',
      { needs: null, perform: () => options.socket.open(), isForApp: true },
    ],
    ['views.open', { needs: null, perform: options.views.openView }],
    ['users.conversations', createOwnChannels(options.channels, scopes)],
    ['users.info', { needs: 'users:read', perform: userInfo }],
  ]);

  function perform(method: string, request: SimRequest): SimReply {
    const called = methods.get(method);
    if (called === undefined) throw new SlackError('unknown_method');
    const { botToken, appToken } = options;
    authorize(request, called.isForApp ? [appToken, botToken] : [botToken, appToken]);
    const params = readParams(request);
    const needs = typeof called.needs === 'function' ? called.needs(params) : called.needs;
    if (needs !== null && !scopes.includes(needs)) {
      const details = { needed: needs, provided: scopes.join(',') };
      return withScopes(reply(200, { ok: false, error: 'missing_scope', ...details }));
    }
    return withScopes(reply(200, { ok: true, ...called.perform(params) }));
  }

  function withScopes(answer: SimReply): SimReply {
    return { ...answer, headers: { ...answer.headers, 'x-oauth-scopes': scopes.join(',') } };
  }

  return (method, request) => {
    try {
      return perform(method, request);
    } catch (error) {
      if (error instanceof RateLimited) return errorReply('ratelimited', [], error.retryAfterS);
      if (error instanceof SlackError) return errorReply(error.code, error.problems);
      throw error;
    }
  };
}

/**
 * An error in Slack's form; one with `retryAfterS` is HTTP 429.
 *
 * @param problems what is wrong with blocks, each with its JSON pointer
 */
export function errorReply(
  error: string,
  problems: readonly string[] = [],
  retryAfterS?: number,
): SimReply {
  const details =
    problems.length === 0
      ? {}
      : {
          errors: problems,
          response_metadata: { messages: problems.map((text) => `[ERROR] ${text}`) },
        };
  const answer = reply(retryAfterS === undefined ? 200 : 429, { ok: false, error, ...details });
  return retryAfterS === undefined
    ? answer
    : { ...answer, headers: { ...answer.headers, 'retry-after': String(retryAfterS) } };
}

class RateLimited extends Error {
  override readonly name = 'RateLimited';

  constructor(readonly retryAfterS: number) {
    super(`rate limited for ${retryAfterS} s`);
  }
}

/** @param tokens the one that the method takes, and the one of the other kind */
function authorize(
  { headers }: SimRequest,
  [right, wrong]: readonly [string | undefined, string | undefined],
): void {
  const given = headers.authorization?.replace(/^Bearer /, '');
  if (given === undefined) throw new SlackError('not_authed');
  if (given === right) return;
  throw new SlackError(given === wrong ? 'not_allowed_token_type' : 'invalid_auth');
}

function readParams({ headers, body }: SimRequest): Params {
  const type = headers['content-type'] ?? '';
  if (!type.startsWith('application/json')) return Object.fromEntries(new URLSearchParams(body));
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    throw new SlackError('invalid_json');
  }
  if (!isObject(parsed)) throw new SlackError('json_not_object');
  return parsed;
}

function textParam(params: Params, name: string): string {
  const value = params[name];
  return typeof value === 'string' ? value : value === true ? 'true' : '';
}

function reply(status: number, body: Record<string, unknown>): SimReply {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(body),
  };
}
