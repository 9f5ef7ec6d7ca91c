import { createHmac } from 'node:crypto';
import { isSame } from '../lib/http/token.js';

/** `stale`: signed or not, it is too old (or too new) and might be a recording. */
export type SignatureVerdict = 'valid' | 'stale' | 'invalid';

const longestAgeMs = 5 * 60_000;

/**
 * Checks the signature of a request from Slack, version 0: HMAC-SHA256 with the signing secret over
 * version, timestamp and the body as it came. (docs.slack.dev, Verifying requests from Slack)
 *
 * @param request.timestamp the header `X-Slack-Request-Timestamp`, seconds since the Unix epoch
 * @param request.signature the header `X-Slack-Signature`
 */
export function verifySlackSignature(request: {
  readonly signingSecret: string;
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
  readonly body: Uint8Array;
  readonly nowMs: number;
}): SignatureVerdict {
  const { signingSecret, timestamp = '', signature = '', body, nowMs } = request;
  if (!/^\d{1,12}$/.test(timestamp)) return 'invalid';
  if (Math.abs(nowMs - Number(timestamp) * 1_000) > longestAgeMs) return 'stale';
  const hmac = createHmac('sha256', signingSecret).update(`v0:${timestamp}:`).update(body);
  return isSame(signature, `v0=${hmac.digest('hex')}`) ? 'valid' : 'invalid';
}
