import type { Context, MiddlewareHandler } from 'hono';
import { isLocalCaller } from '../lib/http/local-caller.js';
import { presentsToken } from '../lib/http/token.js';
import type { Logger } from '../lib/logger.js';
import { isFromBrowser } from './caller.js';

interface AdminGuardParts {
  /** `undefined`: only callers on this machine are let in, and no one where the engine faces others. */
  readonly adminToken: string | undefined;
  /** The setting that says that others reach this engine. */
  readonly facing: string | undefined;
  /** Lets its bearer read, and nothing else. */
  readonly viewerToken: string | undefined;
  /** Lets the bearer of the viewer token post as well: what is posted decides nothing. */
  readonly viewersPost?: boolean;
  /** What is posted: JSON, or nothing at all. */
  readonly posts: 'json' | 'nothing';
  readonly addressOf: (c: Context) => string | undefined;
  readonly log: Logger;
}

/**
 * Lets in operators only: by a bearer token, or without one by where they stand.
 * What is posted must be JSON, which a page of another origin cannot send unasked (CSRF). Where nothing
 * is posted, browsers are refused by what they add. Viewers are let in to what they only read.
 */
export function createAdminGuard({
  adminToken,
  facing,
  viewerToken,
  viewersPost = false,
  posts,
  addressOf,
  log,
}: AdminGuardParts): MiddlewareHandler {
  return async (c, next) => {
    if (adminToken === undefined && facing !== undefined) {
      log.warn({ from: addressOf(c), path: c.req.path }, 'API request refused: no admin token');
      const message = `${facing} says that others reach this engine, so it does not trust local callers (a proxy looks like one): set JIDOKA_ADMIN_TOKEN, and send it as "Authorization: Bearer …"`;
      return c.json({ error: message }, 403);
    }
    if (adminToken === undefined && !isLocalCaller(c, addressOf(c))) {
      log.warn({ from: addressOf(c), path: c.req.path }, 'API request refused: not local');
      const message =
        'without JIDOKA_ADMIN_TOKEN the API answers only callers on the same machine, by a loopback address; set JIDOKA_ADMIN_TOKEN, and send it as "Authorization: Bearer …"';
      return c.json({ error: message }, 403);
    }
    const authorization = c.req.header('authorization');
    const presents = (token: string | undefined) =>
      token !== undefined && presentsToken(authorization, token, { basic: false });
    if (presents(viewerToken)) {
      if (c.req.method === 'GET' || viewersPost) return next();
      return c.json({ error: 'the token in JIDOKA_VIEWER_TOKEN is read-only' }, 403);
    }
    if (adminToken !== undefined && !presents(adminToken)) {
      log.warn({ from: addressOf(c), path: c.req.path }, 'API request refused: no valid token');
      const message = 'expected "Authorization: Bearer …" with the token in JIDOKA_ADMIN_TOKEN';
      return c.json({ error: message }, 401, { 'www-authenticate': 'Bearer realm="jidoka"' });
    }
    if (
      adminToken === undefined &&
      posts === 'nothing' &&
      isFromBrowser((name) => c.req.header(name))
    ) {
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

function isJson(contentType: string | undefined): boolean {
  return /^application\/json *(;|$)/i.test(contentType ?? '');
}
