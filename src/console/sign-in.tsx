import { setTimeout as sleep } from 'node:timers/promises';
import { Hono } from 'hono';
import { getCookie } from 'hono/cookie';
import { longestName, nameIn } from './ask-name.js';
import { Button, Field, Form } from './components/form.js';
import { readFields } from './form-fields.js';
import type { ConsoleParts } from './parts.js';
import { placeIn } from './place.js';
import { cookieNameOf, dropSession, keepSession } from './session-cookie.js';
import type { Sessions } from './sessions.js';
import { showPage } from './show.js';
import type { SignedOut } from './signed-out.js';
import type { ConsoleContext, ConsoleEnv, Role } from './visit.js';

interface SignInParts
  extends Pick<ConsoleParts, 'cell' | 'adminToken' | 'addressOf' | 'log' | 'metrics'> {
  readonly sessions: Sessions;
  readonly signedOut: SignedOut;
}

/** How long the sender of a wrong token waits for the answer. */
const slowdownMs = 1_000;
/** How many wrong tokens wait at a time, in all and of those that come by one address; more are refused at once. */
const maxWaiting = 1_000;
const maxByAddress = 50;
const longestForwarded = 100;

/** `/sign-in` and `/sign-out`: who the visitor is, and by which token. */
export function createSignIn(parts: SignInParts): Hono<ConsoleEnv> {
  const { cell, adminToken, addressOf, sessions, signedOut, metrics, log } = parts;
  /** The senders of wrong tokens that wait for their answer, and the address by which they came. */
  const waiting = new Map<string, string>();
  const signIn = new Hono<ConsoleEnv>();

  signIn.get('/sign-in', (c) => show(c, 200, c.req.query('to'), ''));

  signIn.post('/sign-in', async (c) => {
    const form = await readFields(c);
    const text = (field: string) => {
      const value = form[field];
      return typeof value === 'string' ? value.trim() : '';
    };
    const to = text('to');
    const name = nameIn(form.name);
    if (name === null) {
      const fault = `Your name: expected 1 to ${longestName} characters.`;
      return show(c, 400, to, fault, text('name'));
    }
    const role = await roleOf(c, text('token'));
    if (role === 'wait') {
      return show(c, 429, to, 'Wrong token. Wait a second before the next try.', name);
    }
    if (role === null) return show(c, 401, to, 'Wrong token.', name);
    keepSession(c, cell, sessions.begin(role, name));
    log.info({ from: addressOf(c), role, name }, 'console: signed in');
    return c.redirect(placeAfter(to), 303);
  });

  signIn.post('/sign-out', async (c) => {
    const session = sessions.read(getCookie(c, cookieNameOf(cell)) ?? '');
    if (session !== null) await signedOut.add(session);
    dropSession(c, cell);
    return c.redirect(adminToken === undefined ? '/' : '/sign-in', 303);
  });

  /**
   * The role that a token gives. A right token is let in however many wrong ones are tried meanwhile, also
   * from the same address: one client that guesses must lock no one else out. A wrong one takes its time.
   */
  async function roleOf(c: ConsoleContext, token: string): Promise<Role | 'wait' | null> {
    if (adminToken === undefined) return 'operator';
    const role = sessions.roleOf(token);
    if (role !== null) return role;
    metrics.refusals.inc({ route: 'console', reason: 'unauthorized' });
    const from = addressOf(c) ?? '';
    const sender = senderOf(c, from);
    const alike = [...waiting.values()].filter((address) => address === from).length;
    if (waiting.has(sender) || alike >= maxByAddress || waiting.size >= maxWaiting) return 'wait';
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
    name = c.get('visitor')?.name ?? '',
  ) {
    const title = adminToken === undefined ? 'Set your name' : 'Sign in';
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
          <input type="hidden" name="to" value={placeAfter(to)} />
          <Field
            id="name"
            label="Your name"
            hint="Jidoka records it with your decisions."
            value={name}
            maxlength={longestName}
            autocomplete="username"
            required
          />
          {adminToken !== undefined && (
            <Field
              id="token"
              label="Token"
              hint="JIDOKA_ADMIN_TOKEN, or JIDOKA_VIEWER_TOKEN to view only."
              type="password"
              autocomplete="current-password"
              required
            />
          )}
          <Button primary>{adminToken === undefined ? 'Continue' : 'Sign in'}</Button>
        </Form>
      </section>,
    );
  }

  return signIn;
}

/**
 * The sender of a wrong token. Behind a proxy all come by its address, and what it added to
 * `X-Forwarded-For` last tells them apart. Without a proxy that header is made up by its sender, so an
 * address has a limit besides.
 */
function senderOf(c: ConsoleContext, from: string): string {
  const last = c.req.header('x-forwarded-for')?.split(',').at(-1)?.trim() ?? '';
  return last === '' ? from : `${last.slice(0, longestForwarded)} by ${from}`;
}

/** Where to go after signing in: a place of this console, whatever was asked for. */
function placeAfter(to: string | undefined): string {
  const place = placeIn(to ?? '') ?? '/';
  return /^\/sign-in(\?|$)/.test(place) ? '/' : place;
}
