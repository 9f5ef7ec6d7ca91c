import { deleteCookie, setCookie } from 'hono/cookie';
import { sessionMs } from './sessions.js';
import type { ConsoleContext } from './visit.js';

/** Cookies are not kept apart by port: two cells on one host have one each. */
export function cookieNameOf(cell: string): string {
  return cell === 'jidoka' ? 'jidoka_session' : `jidoka_session_${encodeURIComponent(cell)}`;
}

/**
 * Keeps a session in the browser. `Lax`, so that a link in Slack finds the visitor signed in: nothing is
 * changed by following links. `Secure` where the browser came by HTTPS, to us or to a proxy before us;
 * over plain HTTP it could not come back.
 */
export function keepSession(c: ConsoleContext, cell: string, session: string): void {
  setCookie(c, cookieNameOf(cell), session, { ...attributes(c), maxAge: sessionMs / 1_000 });
}

/** Forgets the session in this browser. */
export function dropSession(c: ConsoleContext, cell: string): void {
  deleteCookie(c, cookieNameOf(cell), attributes(c));
}

function attributes(c: ConsoleContext) {
  const forwarded = c.req.header('x-forwarded-proto')?.split(',')[0]?.trim();
  const secure = forwarded === 'https' || new URL(c.req.url).protocol === 'https:';
  return { path: '/', httpOnly: true, sameSite: 'Lax', secure } as const;
}
