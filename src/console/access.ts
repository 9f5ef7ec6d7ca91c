import type { MiddlewareHandler } from 'hono';
import { getCookie } from 'hono/cookie';
import { isLocalCaller } from '../lib/http/local-caller.js';
import { isSame } from '../lib/http/token.js';
import { askName, givenName } from './ask-name.js';
import { csrfField } from './csrf-field.js';
import { readFields } from './form-fields.js';
import type { ConsoleParts } from './parts.js';
import { cookieNameOf, keepSession } from './session-cookie.js';
import type { Sessions } from './sessions.js';
import { showProblem } from './show.js';
import type { SignedOut } from './signed-out.js';
import type { ConsoleContext, ConsoleEnv, Visitor } from './visit.js';

interface AccessParts
  extends Pick<ConsoleParts, 'cell' | 'adminToken' | 'facing' | 'addressOf' | 'log' | 'metrics'> {
  readonly sessions: Sessions;
  readonly signedOut: SignedOut;
}

/** What may be reached before a visitor has signed in. */
const open = ['/sign-in'];
/** What a visitor may send before they have given a name. */
const nameless = ['/sign-in', '/sign-out'];

/**
 * Lets people in, and only what they sent on purpose. Without an admin token a caller on this machine is
 * an operator, as long as nothing says that the engine faces others. What changes something must come from a page of ours by what the browser says of its
 * origin, must carry the token of the session's forms, and needs an operator with a name.
 */
export function createAccess(parts: AccessParts): MiddlewareHandler<ConsoleEnv> {
  const { cell, adminToken, facing, addressOf, sessions, signedOut, metrics, log } = parts;

  return async (c, next) => {
    if (adminToken === undefined && facing !== undefined) {
      return refuse(
        c,
        403,
        'JIDOKA_ADMIN_TOKEN is not set',
        `${facing} says that others reach this engine, so callers on its own machine are not trusted: a proxy there looks like one. Set JIDOKA_ADMIN_TOKEN, and sign in with it. Alerts are taken all the same.`,
      );
    }
    if (adminToken === undefined && !isLocalCaller(c, addressOf(c))) {
      return refuse(
        c,
        403,
        'Only from this machine',
        'Without JIDOKA_ADMIN_TOKEN the console answers only browsers on its own machine that call it by a loopback address, such as http://127.0.0.1:9095. Set JIDOKA_ADMIN_TOKEN to reach it from elsewhere, or open a tunnel (ssh -L 9095:127.0.0.1:9095).',
      );
    }
    const visitor = await visitorOf(c);
    if (visitor !== null) c.set('visitor', visitor);
    if (isChange(c)) {
      const fault = await faultOf(c, visitor);
      if (fault !== null) return refuse(c, 403, 'Nothing was changed', fault);
    }
    if (visitor?.name === null && isChange(c) && !nameless.includes(c.req.path)) {
      const form = await readFields(c);
      const given = givenName(form);
      if (given === null) return askName(c, visitor, form);
      c.set('visitor', nameVisitor(c, given.name));
      c.set('cameFrom', given.cameFrom);
    }
    if (visitor === null && !open.includes(c.req.path)) {
      if (c.req.path === '/events') return c.text('sign in first', 401);
      return c.redirect(`/sign-in?to=${encodeURIComponent(placeOf(c))}`, 303);
    }
    return next();
  };

  async function visitorOf(c: ConsoleContext): Promise<Visitor | null> {
    const session = sessions.read(getCookie(c, cookieNameOf(cell)) ?? '');
    if (session !== null && !(await signedOut.has(session))) {
      const { role, name, id } = session;
      return { role, name, csrf: sessions.csrfOf(role, id) };
    }
    if (adminToken !== undefined) return null;
    return { role: 'operator', name: null, csrf: sessions.csrfOf('operator', '') };
  }

  /** Begins the session of a visitor on this machine who gave a name with what they sent. */
  function nameVisitor(c: ConsoleContext, name: string): Visitor {
    const cookie = sessions.begin('operator', name);
    keepSession(c, cell, cookie);
    const id = sessions.read(cookie)?.id ?? '';
    return { role: 'operator', name, csrf: sessions.csrfOf('operator', id) };
  }

  /** Why a request may not change anything; `null`: it may. */
  async function faultOf(c: ConsoleContext, visitor: Visitor | null): Promise<string | null> {
    if (!isFromOurPage(c)) {
      return 'The request did not come from a page of this console, as far as the browser says. If there is a proxy before it, let it pass on the Host header.';
    }
    if (visitor === null || c.req.path === '/sign-in') return null;
    const form = await readFields(c);
    const given = form[csrfField];
    if (typeof given !== 'string' || !isSame(given, visitor.csrf)) {
      return 'The page that this came from was too old: you have signed in again, or the engine was started again. Go back, reload it and try again.';
    }
    if (visitor.role === 'operator' || c.req.path === '/sign-out') return null;
    return 'You are signed in as a viewer: you may look at everything, and change nothing. Sign in with JIDOKA_ADMIN_TOKEN for that.';
  }

  function refuse(c: ConsoleContext, status: 403, title: string, why: string) {
    metrics.refusals.inc({ route: 'console', reason: 'forbidden' });
    log.warn({ from: addressOf(c), path: c.req.path.slice(0, 200) }, `console: ${title}`);
    return showProblem(c, { status, title, why });
  }
}

/**
 * Whether what was posted comes from a page of this very origin. `Sec-Fetch-Site` says it outright, also
 * behind a proxy that changes the host; browsers leave it out where they speak plain HTTP with another
 * machine, and then `Origin` has to name the host that was called. Who sends neither is no browser, and
 * has the API.
 */
function isFromOurPage(c: ConsoleContext): boolean {
  const site = c.req.header('sec-fetch-site');
  if (site !== undefined) return site === 'same-origin';
  const origin = c.req.header('origin');
  const host = c.req.header('host');
  if (origin === undefined || host === undefined || !URL.canParse(origin)) return false;
  return new URL(origin).host === host.toLowerCase();
}

function isChange(c: ConsoleContext): boolean {
  return c.req.method !== 'GET' && c.req.method !== 'HEAD';
}

function placeOf(c: ConsoleContext): string {
  const { pathname, search } = new URL(c.req.url);
  return c.req.method === 'GET' ? `${pathname}${search}` : '/';
}
