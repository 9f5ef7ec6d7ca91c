import { isIP } from 'node:net';
import { hostname } from 'node:os';
import type { Context } from 'hono';
import { isLoopback } from './loopback.js';
import { presentsToken } from './token.js';

/** What browsers add, and what they cannot leave out. */
const ofBrowsers = ['origin', 'sec-fetch-site', 'accept-language'];

/** What tells a request that was sent here on purpose. */
export interface OwnNameParts {
  /** Where people's browsers reach this engine, if that is known. */
  readonly externalUrl: string | undefined;
  /** Each of them shows that a request is meant for us. */
  readonly tokens: readonly (string | undefined)[];
  readonly addressOf: (c: Context) => string | undefined;
}

/**
 * Tells requests that were sent here on purpose from those of a web page whose name was made to point here
 * (DNS rebinding). Such a page calls us by a public name, so an address, a name without a dot and our own
 * names are safe. By any other name a token is needed on this machine, and for a browser. Programs
 * elsewhere may use any name, as Prometheus does.
 */
export function createOwnName({ externalUrl, tokens, addressOf }: OwnNameParts) {
  const own = [hostname(), ...(externalUrl === undefined ? [] : [new URL(externalUrl).hostname])];
  const ownNames = new Set(own.map((name) => name.toLowerCase()));

  return function isMeantForUs(c: Context): boolean {
    const name = hostNameOf(c);
    if (ownNames.has(name) || isAddress(name) || !name.includes('.')) return true;
    const authorization = c.req.header('authorization');
    const presents = (token: string | undefined) =>
      token !== undefined && presentsToken(authorization, token, { basic: true });
    if (tokens.some(presents)) return true;
    return !isLoopback(addressOf(c) ?? '') && !isOfBrowser(c);
  };
}

/** The `Host` header without its port, in small letters. */
export function hostNameOf(c: Context): string {
  return (c.req.header('host') ?? '').toLowerCase().replace(/:\d*$/, '');
}

function isAddress(name: string): boolean {
  return isIP(name.replace(/^\[|\]$/g, '')) !== 0;
}

function isOfBrowser(c: Context): boolean {
  if (ofBrowsers.some((name) => c.req.header(name) !== undefined)) return true;
  return c.req.header('user-agent')?.startsWith('Mozilla/') === true;
}
