import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import type { Clock } from '../lib/clock.js';
import { isSame } from '../lib/http/token.js';
import type { Role } from './visit.js';

/** How long a sign-in lasts: a shift. */
export const sessionMs = 12 * 3_600_000;

/** Who signed in. It lies in their cookie, signed. */
export interface Session {
  readonly id: string;
  readonly role: Role;
  readonly name: string;
  readonly untilMs: number;
}

/** Gives out signed sessions and reads them back. */
export type Sessions = ReturnType<typeof createSessions>;

/**
 * A session is signed with a key that is derived from the token by which it began, so that it ends when
 * that token changes, on every receiver at once and with nothing kept anywhere. Without an admin token
 * the key is this process's own.
 */
export function createSessions({
  adminToken,
  viewerToken,
  clock,
}: {
  readonly adminToken: string | undefined;
  readonly viewerToken: string | undefined;
  readonly clock: Clock;
}) {
  const keys: Readonly<Record<Role, Buffer | undefined>> = {
    operator: adminToken === undefined ? randomBytes(32) : keyFrom(adminToken),
    viewer: viewerToken === undefined ? undefined : keyFrom(viewerToken),
  };

  /** The role that a token signs in to; `null`: none. Takes the same time for every wrong one. */
  function roleOf(token: string): Role | null {
    const isAdmin = adminToken !== undefined && isSame(token, adminToken);
    const isViewer = viewerToken !== undefined && isSame(token, viewerToken);
    return isAdmin ? 'operator' : isViewer ? 'viewer' : null;
  }

  /** A new session as it goes into the cookie. */
  function begin(role: Role, name: string): string {
    const id = randomBytes(16).toString('base64url');
    const session: Session = { id, role, name, untilMs: clock.now() + sessionMs };
    const payload = Buffer.from(JSON.stringify(session)).toString('base64url');
    return `${payload}.${mac(role, `session ${payload}`)}`;
  }

  /** Reads a cookie; `null`: it is not ours, or it is over. */
  function read(cookie: string): Session | null {
    const [payload = '', signature = '', ...rest] = cookie.split('.');
    if (rest.length > 0 || cookie.length > longestCookie) return null;
    const session = parse(payload);
    if (session === null || keys[session.role] === undefined) return null;
    if (!isSame(signature, mac(session.role, `session ${payload}`))) return null;
    return session.untilMs > clock.now() ? session : null;
  }

  /** What a form of this session carries, which no other origin can know. */
  function csrfOf(role: Role, sessionId: string): string {
    return mac(role, `csrf ${sessionId}`);
  }

  function mac(role: Role, text: string): string {
    const key = keys[role];
    if (key === undefined) throw new Error(`nobody can be a ${role}`);
    return createHmac('sha256', key).update(text).digest('base64url');
  }

  return { roleOf, begin, read, csrfOf };
}

const longestCookie = 2_000;

function keyFrom(token: string): Buffer {
  return Buffer.from(hkdfSync('sha256', token, '', 'jidoka console session', 32));
}

/** What a cookie says, before anybody knows whether it may be believed. */
function parse(payload: string): Session | null {
  try {
    const { id, role, name, untilMs } = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const isRole = role === 'operator' || role === 'viewer';
    if (!isRole || typeof id !== 'string' || typeof name !== 'string') return null;
    return typeof untilMs === 'number' ? { id, role, name, untilMs } : null;
  } catch {
    return null;
  }
}
