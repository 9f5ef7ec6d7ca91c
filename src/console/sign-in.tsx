import { setTimeout as sleep } from 'node:timers/promises';
import { Hono } from 'hono';
import { Button, Field, Form } from './components/form.js';
import type { ConsoleParts } from './parts.js';
import { dropSession, keepSession } from './session-cookie.js';
import type { Sessions } from './sessions.js';
import { showPage } from './show.js';
import type { ConsoleContext, ConsoleEnv, Role } from './visit.js';

interface SignInParts
  extends Pick<ConsoleParts, 'cell' | 'adminToken' | 'addressOf' | 'log' | 'metrics'> {
  readonly sessions: Sessions;
}

/** How long whoever gave a wrong token waits for the answer, and may not try another. */
const slowdownMs = 1_000;
/** How many wrong tokens wait at a time, in all and of those that come by one address; beyond, none is looked at. */
const mostWaiting = 1_000;
const mostByAddress = 50;
const longestForwarded = 100;
const longestName = 80;

/** `/sign-in` and `/sign-out`: who somebody is, and by which token. */
export function createSignIn(parts: SignInParts): Hono<ConsoleEnv> {
  const { cell, adminToken, addressOf, sessions, metrics, log } = parts;
  /** Who gave a wrong token within the last moment, and the address by which they came. */
  const waiting = new Map<string, string>();
  const signIn = new Hono<ConsoleEnv>();

  signIn.get('/sign-in', (c) => show(c, 200, c.req.query('to'), ''));

  signIn.post('/sign-in', async (c) => {
    const form = await c.req.parseBody();
    const text = (field: string) => (typeof form[field] === 'string' ? form[field].trim() : '');
    const to = text('to');
    const name = text('name');
    if (name === '' || name.length > longestName) {
      return show(c, 400, to, `Say who you are, in at most ${longestName} characters.`, name);
    }
    const role = await roleOf(c, text('token'));
    if (role === 'wait') return show(c, 429, to, 'Wait a moment, and try again.', name);
    if (role === null) return show(c, 401, to, 'That is not the token.', name);
    keepSession(c, cell, sessions.begin(role, name));
    log.info({ from: addressOf(c), role, name }, 'console: signed in');
    return c.redirect(placeIn(to), 303);
  });

  signIn.post('/sign-out', (c) => {
    dropSession(c, cell);
    return c.redirect(adminToken === undefined ? '/' : '/sign-in', 303);
  });

  /** The role that a token gives; a wrong one takes its time, and keeps its sender from trying more meanwhile. */
  async function roleOf(c: ConsoleContext, token: string): Promise<Role | 'wait' | null> {
    if (adminToken === undefined) return 'operator';
    const from = addressOf(c) ?? '';
    const sender = senderOf(c, from);
    const alike = [...waiting.values()].filter((address) => address === from).length;
    if (waiting.has(sender) || alike >= mostByAddress || waiting.size >= mostWaiting) return 'wait';
    const role = sessions.roleOf(token);
    if (role !== null) return role;
    metrics.refusals.inc({ route: 'console', reason: 'unauthorized' });
    log.warn({ from: sender }, 'console: sign-in with a wrong token');
    waiting.set(sender, from);
    await sleep(slowdownMs);
    waiting.delete(sender);
    return null;
  }

  function show(
    c: ConsoleContext,
    status: 200 | 400 | 401 | 429,
    to: string | undefined,
    fault: string,
    name = c.get('visitor')?.isSignedIn ? c.get('visitor').name : '',
  ) {
    const title = adminToken === undefined ? 'Who are you?' : 'Sign in';
    return showPage(
      c,
      { title, status, live: false },
      <section class="card narrow">
        <h1>{title}</h1>
        {fault && (
          <p class="fault" role="alert">
            {fault}
          </p>
        )}
        <Form action="/sign-in" csrf="">
          <input type="hidden" name="to" value={placeIn(to)} />
          <Field
            id="name"
            label="Your name"
            hint="It stands in what you decide, for the others."
            value={name}
            maxlength={longestName}
            autocomplete="username"
            required
          />
          {adminToken !== undefined && (
            <Field
              id="token"
              label="Token"
              hint="JIDOKA_ADMIN_TOKEN, or JIDOKA_VIEWER_TOKEN to look on only."
              type="password"
              autocomplete="current-password"
              required
            />
          )}
          <Button primary>{adminToken === undefined ? 'That is me' : 'Sign in'}</Button>
        </Form>
      </section>,
    );
  }

  return signIn;
}

/**
 * Who somebody is that is slowed down. Behind a proxy all come by its address, and what it added to
 * `X-Forwarded-For` last tells them apart, so that nobody there keeps the others out. Without a proxy that
 * header is whatever the sender likes, which is why an address has a limit besides.
 */
function senderOf(c: ConsoleContext, from: string): string {
  const last = c.req.header('x-forwarded-for')?.split(',').at(-1)?.trim() ?? '';
  return last === '' ? from : `${last.slice(0, longestForwarded)} by ${from}`;
}

/** Where to go on after signing in: a place of this console, whatever was asked for. */
function placeIn(to: string | undefined): string {
  const base = 'http://console.invalid';
  if (!to?.startsWith('/') || !URL.canParse(to, base)) return '/';
  const { origin, pathname, search } = new URL(to, base);
  return origin === base && pathname !== '/sign-in' ? `${pathname}${search}` : '/';
}
