import type {
  WebAPICallError,
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from '@slack/web-api';
import { messageOf } from '../lib/errors.js';

/**
 * Why a call to Slack failed:
 *
 * - `rate_limited`: not now; `retryAfterMs` says when.
 * - `unavailable`: Slack could not be reached, was silent or broken; whether a post arrived is not known.
 * - `refused`: final until someone corrects the token, the channel or the message.
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
const defaultWaitMs = 30_000;
const shownProblems = 3;

/** What an error of Slack's client means. Without the error itself as its cause: one about a header quotes the token. */
export function slackError(what: string, error: unknown, botToken: string): SlackError {
  const fault = (kind: SlackErrorKind, said: string, details = {}) =>
    new SlackError(kind, `Slack: ${what}: ${said.replaceAll(botToken, '[token]')}`, details);
  if (isError<WebAPIRateLimitedError>(error, 'slack_webapi_rate_limited_error')) {
    return fault('rate_limited', 'too many messages', { retryAfterMs: error.retryAfter * 1000 });
  }
  if (isError<WebAPIPlatformError>(error, 'slack_webapi_platform_error')) {
    const code = error.data.error;
    if (limited.has(code)) return fault('rate_limited', code, { retryAfterMs: defaultWaitMs });
    // The client puts a body that is no JSON in place of the code: a proxy's page, for example.
    if (!/^\w{1,80}$/.test(code)) return fault('unavailable', 'the answer is not JSON');
    if (passing.has(code)) return fault('unavailable', code);
    const problems = error.data.response_metadata?.messages?.slice(0, shownProblems) ?? [];
    return fault('refused', [code, ...problems].join('; '), { code });
  }
  if (isError<WebAPIHTTPError>(error, 'slack_webapi_http_error')) {
    const { statusCode } = error;
    const final = statusCode >= 400 && statusCode < 500 && statusCode !== 408;
    return final
      ? fault('refused', `HTTP ${statusCode}; is SLACK_API_URL right?`, {
          code: `http_${statusCode}`,
        })
      : fault('unavailable', `HTTP ${statusCode}`);
  }
  const origin = isError<WebAPIRequestError>(error, 'slack_webapi_request_error')
    ? error.original
    : error;
  const cause = origin instanceof Error && origin.cause !== undefined ? origin.cause : origin;
  return fault('unavailable', messageOf(cause));
}

/** By its code, so that Slack's client is loaded only where it is used. */
function isError<E extends WebAPICallError>(error: unknown, code: `${E['code']}`): error is E {
  return error instanceof Error && 'code' in error && error.code === code;
}
