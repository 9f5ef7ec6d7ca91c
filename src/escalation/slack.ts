import {
  LogLevel,
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
  WebClient,
} from '@slack/web-api';
import { messageOf } from '../errors.js';
import type { PostedMessage } from '../ledger/escalation.js';
import type { MessageContent } from './slack-message.js';

/**
 * Why a call to Slack failed:
 *
 * - `rate_limited`: not now; `retryAfterMs` says when.
 * - `unavailable`: Slack could not be reached, was silent or broken; whether a post arrived is not known.
 * - `refused`: final until somebody mends the token, the channel or the message.
 */
export type SlackErrorKind = 'rate_limited' | 'unavailable' | 'refused';

/** A failed call to Slack; its message says what was tried and never holds the token. */
export class SlackError extends Error {
  override readonly name = 'SlackError';

  constructor(
    readonly kind: SlackErrorKind,
    message: string,
    details: { readonly code?: string; readonly retryAfterMs?: number } = {},
  ) {
    super(message);
    this.code = details.code ?? kind;
    this.retryAfterMs = details.retryAfterMs ?? 0;
  }

  /** Slack's own word where it gave one: `channel_not_found`. */
  readonly code: string;
  /** `rate_limited`: how long Slack asks to wait; else 0. */
  readonly retryAfterMs: number;
}

/** Slack's Web API, as much of it as escalations need. Every method throws `SlackError` and tries once. */
export interface Slack {
  /** Whether the token is good, whose it is and what it may do; no `scopes`: Slack does not say. */
  check(): Promise<{
    readonly team: string;
    readonly user: string;
    readonly scopes: readonly string[] | undefined;
  }>;
  /** Posts a message to a channel (its id or name). Where Slack was silent it may have been posted. */
  post(message: { readonly channel: string } & MessageContent): Promise<PostedMessage>;
  /** Replaces a message as a whole. */
  update(message: PostedMessage & MessageContent): Promise<void>;
}

export interface SlackOptions {
  readonly botToken: string;
  /** `SLACK_API_URL`; Slack itself unless given. */
  readonly apiUrl: string | undefined;
  /** What each call gets from beginning to end. */
  readonly timeoutMs: number;
}

/** Trouble of Slack's own that passes. (docs.slack.dev, the errors of each method) */
const passing: ReadonlySet<string> = new Set([
  'fatal_error',
  'internal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
]);

const limited: ReadonlySet<string> = new Set(['ratelimited', 'rate_limited']);
/** Where Slack limits the rate and does not say for how long. */
const usualWaitMs = 30_000;
const shownProblems = 3;

/** Calls Slack with a client that neither retries nor waits: whoever calls does. Throws SlackError. */
export function createSlackCaller({ botToken, apiUrl, timeoutMs }: SlackOptions) {
  const client = new WebClient(botToken, {
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: timeoutMs,
    logger: silentLogger,
    ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
  });

  return async <Answer>(what: string, method: (client: WebClient) => Promise<Answer>) => {
    try {
      return await method(client);
    } catch (error) {
      throw slackError(what, error, botToken);
    }
  };
}

/** Creates a client for the messages of escalations. */
export function createSlack(options: SlackOptions): Slack {
  const call = createSlackCaller(options);
  return {
    check: () =>
      call('auth.test', async (client) => {
        const { team = '', user = '', response_metadata } = await client.auth.test();
        return { team, user, scopes: response_metadata?.scopes };
      }),
    post: ({ channel, text, blocks }) =>
      call(`chat.postMessage to ${channel}`, async (client) => {
        const answer = await client.chat.postMessage({
          channel,
          text,
          blocks: [...blocks],
          unfurl_links: false,
          unfurl_media: false,
        });
        if (answer.ts === undefined) throw new Error('the answer has no ts');
        return { channel: answer.channel ?? channel, ts: answer.ts };
      }),
    update: ({ channel, ts, text, blocks }) =>
      call(`chat.update in ${channel}`, async (client) => {
        await client.chat.update({ channel, ts, text, blocks: [...blocks] });
      }),
  };
}

/** Without the error itself as its cause: one about a header quotes the token. */
function slackError(what: string, error: unknown, botToken: string): SlackError {
  const fault = (kind: SlackErrorKind, said: string, details = {}) =>
    new SlackError(kind, `Slack: ${what}: ${said.replaceAll(botToken, '[token]')}`, details);
  if (error instanceof WebAPIRateLimitedError) {
    return fault('rate_limited', 'too many messages', { retryAfterMs: error.retryAfter * 1000 });
  }
  if (error instanceof WebAPIPlatformError) {
    const code = error.data.error;
    if (limited.has(code)) return fault('rate_limited', code, { retryAfterMs: usualWaitMs });
    // The client puts a body that is no JSON in place of the code: a proxy's page, for example.
    if (!/^\w{1,80}$/.test(code)) return fault('unavailable', 'the answer is not JSON');
    if (passing.has(code)) return fault('unavailable', code);
    const problems = error.data.response_metadata?.messages?.slice(0, shownProblems) ?? [];
    return fault('refused', [code, ...problems].join('; '), { code });
  }
  if (error instanceof WebAPIHTTPError) {
    const { statusCode } = error;
    const final = statusCode >= 400 && statusCode < 500 && statusCode !== 408;
    return final
      ? fault('refused', `HTTP ${statusCode}; is SLACK_API_URL right?`, {
          code: `http_${statusCode}`,
        })
      : fault('unavailable', `HTTP ${statusCode}`);
  }
  const origin = error instanceof WebAPIRequestError ? error.original : error;
  const cause = origin instanceof Error && origin.cause !== undefined ? origin.cause : origin;
  return fault('unavailable', messageOf(cause));
}

/** The client writes to the console otherwise; what went wrong is in the error that it throws. */
const silentLogger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => LogLevel.ERROR,
  setName() {},
};
