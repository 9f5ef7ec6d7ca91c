import { type Clock, systemClock } from '../lib/clock.js';
import { createFaults, type Fault } from './faults.js';
import { createSimServer, type SimReply, type SimRequest, type SimSilence } from './http.js';
import { type Click, type ClickAnswer, clickPayload } from './slack/click.js';
import { createResponseUrls, type EphemeralMessage } from './slack/response-urls.js';
import { type Acknowledged, type Forgery, sendSigned } from './slack/send.js';
import { createSocketMode, type SocketMode } from './slack/socket-mode.js';
import type { SlackGroup } from './slack/usergroups.js';
import { createViews, type OpenForm } from './slack/views.js';
import { createWebApi, errorReply, type SlackUser } from './slack/web-api.js';
import { type Channel, createWorkspace, type SlackMessage } from './slack/workspace.js';

/** Slack's error, HTTP 200 unless told; `ratelimited` is 429 with `Retry-After: 1`. */
interface SlackAnswer {
  readonly error: string;
  readonly status?: number;
}

/** A fault of the Web API: an error such as `ratelimited`, or silence. */
export type SlackFault = Fault<{ readonly method: string }, SlackAnswer>;

/** Somebody submits a modal. */
export interface Submission {
  readonly form: OpenForm;
  readonly typed?: Readonly<Record<string, string>>;
  /** Where the app takes interactions; left out, over its socket. */
  readonly url?: string;
}

/** A simulated Slack workspace with one app in it, speaking the Web API on loopback. */
export interface SlackSim {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The base of the Web API, as `SLACK_API_URL` wants it. */
  apiUrl(): string;
  /** The messages of a channel (its id, name or `#name`), oldest first. */
  messages(channel: string): readonly SlackMessage[];
  /** What was sent to one person only, through `response_url`s. */
  readonly ephemerals: readonly EphemeralMessage[];
  /** The method of every call of the Web API that arrived, failed ones too. */
  readonly calls: readonly string[];
  /**
   * Clicks a button of a message as it is now, and waits for the app's answer. Throws when there is no
   * such button, or no answer within 3 s.
   */
  click(click: Click): Promise<ClickAnswer>;
  /** The modals that people have before them, oldest first. */
  readonly forms: readonly OpenForm[];
  /** Submits a modal with what was typed into it, by `action_id`. Throws when there is no answer within 3 s. */
  submit(submission: Submission): Promise<Acknowledged>;
  /** The end of the socket that the app connects to. */
  readonly socket: Pick<
    SocketMode,
    'connections' | 'refresh' | 'drop' | 'loseAcknowledgements' | 'faults'
  >;
  failNext(fault: SlackFault): void;
  /** Deletes a message, as a person does. */
  remove(channel: string, ts: string): void;
}

/**
 * A simulated Slack that enforces Block Kit's limits and signs its interactions.
 *
 * @param options.botToken the only token it accepts
 * @param options.appToken the app-level token: with it there is Socket Mode, too
 * @param options.scopes what that token may do; `chat:write` unless told
 * @param options.signingSecret what it signs interactions with
 * @param options.rateLimit refuse more than one message a second in a channel; off unless told
 */
export function createSlackSim(options: {
  readonly botToken: string;
  readonly appToken?: string;
  readonly scopes?: readonly string[];
  readonly signingSecret: string;
  readonly channels: readonly Channel[];
  readonly users?: readonly SlackUser[];
  /** Its user groups; whatever is changed in the list takes effect at once. */
  readonly groups?: readonly SlackGroup[];
  readonly rateLimit?: boolean;
  readonly clock?: Clock;
}): SlackSim {
  const clock = options.clock ?? systemClock;
  const workspace = createWorkspace({ clock, channels: options.channels });
  const responseUrls = createResponseUrls({ clock, workspace });
  const views = createViews({ clock });
  const socket = createSocketMode();
  const webApi = createWebApi({
    workspace,
    channels: options.channels,
    views,
    socket,
    appToken: options.appToken,
    clock,
    botToken: options.botToken,
    scopes: options.scopes ?? ['chat:write'],
    users: options.users ?? [],
    groups: options.groups ?? [],
    rateLimit: options.rateLimit ?? false,
  });
  const calls: string[] = [];
  const faults = createFaults<{ method: string }, SlackAnswer, string>({
    hits: ({ method }, called) => method === called,
    answer: faultReply,
  });

  function handle(request: SimRequest): SimReply | SimSilence {
    const [, api, method] = /^\/(api)\/([^/]+)$/.exec(request.path) ?? [];
    if (request.method === 'POST' && request.path.startsWith('/actions/')) {
      return responseUrls.answer(request);
    }
    if (api === undefined || method === undefined) {
      return { status: 404, headers: { 'content-type': 'text/plain' }, body: 'Not found' };
    }
    calls.push(method);
    return faults.around(method, () => webApi(method, request));
  }

  const server = createSimServer({ handle });

  /** Brings an interaction to the app. */
  function send(
    payload: Record<string, unknown>,
    { url, forge }: { readonly url?: string; readonly forge?: Forgery },
  ) {
    if (url === undefined) return socket.deliver(payload);
    return sendSigned(payload, { clock, signingSecret: options.signingSecret, url, forge });
  }

  return {
    async start() {
      await Promise.all([
        server.start(),
        options.appToken === undefined ? undefined : socket.start(),
      ]);
    },
    async stop() {
      await Promise.all([server.stop(), socket.stop()]);
    },
    socket,
    apiUrl: () => `${server.url()}/api/`,
    messages: (channel) => workspace.messages(workspace.channelByAnyName(channel)),
    ephemerals: responseUrls.ephemerals,
    calls,
    forms: views.open,
    failNext: faults.failNext,
    remove: (channel, ts) => workspace.remove(workspace.channelByAnyName(channel), ts),
    async click(click) {
      const channel = workspace.channelByAnyName(click.channel);
      const message = workspace.message(channel, click.ts);
      const path = responseUrls.issue(channel, click.ts, click.user.id);
      const responseUrl = `${server.url()}${path}`;
      const triggerId = views.issueTrigger(click.user);
      const context = { clock, channel, message, responseUrl, triggerId };
      return { ...(await send(clickPayload(click, context), click)), responseUrl };
    },
    async submit({ form, typed = {}, ...to }) {
      const answer = await send(views.submission(form, typed), to);
      if (answer.status === 200) views.answered(form, answer.body);
      return answer;
    },
  };
}

function faultReply({ error, status }: SlackAnswer): SimReply {
  if (error === 'ratelimited') return errorReply(error, [], 1);
  const answer = errorReply(error);
  return status === undefined ? answer : { ...answer, status };
}
