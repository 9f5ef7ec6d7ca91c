import type { Context, MiddlewareHandler } from 'hono';
import { isLoopback } from '../config.js';
import type { Logger } from '../logger.js';
import { isFromBrowser } from './caller.js';
import { presentsToken } from './token.js';

interface AdminGuardParts {
  /** `undefined`: only callers on this machine are let in. */
  readonly adminToken: string | undefined;
  /** What is posted: JSON, or nothing at all. */
  readonly posts: 'json' | 'nothing';
  readonly addressOf: (c: Context) => string | undefined;
  readonly log: Logger;
}

/** Added by proxies: the connection comes from this machine, the caller perhaps not. */
const forwardingHeaders = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'];

/**
 * Lets operators in and nobody else: by a bearer token, or without one by where they stand. The
 * name that they call us by must be this machine's too, else a web page whose name was made to point
 * here (DNS rebinding) could read along; and what is posted must be JSON, which a page of another
 * origin cannot send unasked (CSRF). Where nothing is posted, browsers are refused by what they add.
 */
export function createAdminGuard({
  adminToken,
  posts,
  addressOf,
  log,
}: AdminGuardParts): MiddlewareHandler {
  function isLocal(c: Context): boolean {
    return (
      isLoopback(addressOf(c) ?? '') &&
      isLoopback(hostNameOf(c)) &&
      forwardingHeaders.every((name) => c.req.header(name) === undefined)
    );
  }

  return async (c, next) => {
    if (adminToken === undefined && !isLocal(c)) {
      log.warn({ from: addressOf(c), path: c.req.path }, 'API request refused: not local');
      const message =
        'without JIDOKA_ADMIN_TOKEN the API answers only callers on its own machine that call it by a loopback address; set JIDOKA_ADMIN_TOKEN, and send it as "Authorization: Bearer …"';
      return c.json({ error: message }, 403);
    }
    const authorization = c.req.header('authorization');
    if (adminToken !== undefined && !presentsToken(authorization, adminToken, { basic: false })) {
      log.warn({ from: addressOf(c), path: c.req.path }, 'API request refused: no valid token');
      const message = 'expected "Authorization: Bearer …" with the token in JIDOKA_ADMIN_TOKEN';
      return c.json({ error: message }, 401, { 'www-authenticate': 'Bearer realm="jidoka"' });
    }
    if (adminToken === undefined && posts === 'nothing' && isFromBrowser(c)) {
      const message =
        'without JIDOKA_ADMIN_TOKEN no web page may post here; set it, and send it as a bearer token';
      return c.json({ error: message }, 403);
    }
    if (posts === 'json' && c.req.method === 'POST' && !isJson(c.req.header('content-type'))) {
      return c.json({ error: 'content-type: expected application/json' }, 415);
    }
    return next();
  };
}

/** The `Host` header without its port. */
function hostNameOf(c: Context): string {
  return (c.req.header('host') ?? '').toLowerCase().replace(/:\d*$/, '');
}

function isJson(contentType: string | undefined): boolean {
  return /^application\/json *(;|$)/i.test(contentType ?? '');
}
