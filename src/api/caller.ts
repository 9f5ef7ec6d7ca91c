import type { Context } from 'hono';
import { isSame, presentsToken } from '../lib/http/token.js';

/**
 * Whether a caller may have something done: by JIDOKA_WEBHOOK_TOKEN, in the header or as the parameter
 * `token`; without such a token every caller that reaches the port may, save web pages.
 */
export function mayCall(c: Context, webhookToken: string | undefined, given?: string): boolean {
  if (webhookToken === undefined) return !isFromBrowser((name) => c.req.header(name));
  if (presentsToken(c.req.header('authorization'), webhookToken, { basic: true })) return true;
  return given !== undefined && isSame(given, webhookToken);
}

/** Only browsers send these: any web page could make one call a port of its own machine. */
export function isFromBrowser(header: (name: string) => string | undefined): boolean {
  return header('origin') !== undefined || header('sec-fetch-site') !== undefined;
}
