import { InputError } from '../../lib/errors.js';
import { parseAddress } from '../contract/allowed-host.js';

/** The most characters that an address may have; servers and proxies take no more for granted. */
const longest = 2_000;

/** Nothing but what RFC 3986 calls unreserved is left as it is; `encodeURIComponent` leaves more. */
const reserved = /[!'()*]/g;

/** What has no business in an address, however it is encoded. */
const unprintable = /[\p{Cc}\p{Cs}]/u;

/**
 * What is wrong with a place of an address for something that comes from an alert; `undefined`: nothing.
 * Only segments of the path and values of the query may come from there.
 *
 * @param before the address as it is written before that place
 */
export function placeFault(before: string): string | undefined {
  if (!/^https?:\/\/[^/?#\\]+\//.test(before)) {
    return 'expected scheme, host and port to be written out up to the first / of the path: an alert must not choose who is called';
  }
  const query = before.split('?').slice(1).join('?');
  const isName = before.includes('?') && !/(?:^|&)[^&=]+=[^&]*$/.test(query);
  if (isName) {
    return 'expected the value of a parameter, as in ?name=${{ … }}: an alert must not name parameters';
  }
  return undefined;
}

/**
 * What comes from an alert, encoded for its place in an address, so that it can neither end the segment
 * or value in which it stands nor begin another.
 *
 * @param before the address as it is written before that place
 * @throws InputError for what no encoding makes safe: the empty text, control characters, and in a path
 *   slashes (many servers decode them before they look at the path).
 */
export function encodePiece(value: string, before: string): string {
  const fault = (why: string) =>
    new InputError(`${JSON.stringify(value.slice(0, 100))} cannot stand there: ${why}`, 'url');
  if (value === '') throw fault('expected a non-empty string');
  if (unprintable.test(value)) throw fault('expected no control characters');
  if (!before.includes('?') && /[/\\]/.test(value)) throw fault('expected no slash in a path');
  return encodeURIComponent(value).replace(
    reserved,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** What is wrong with an address to call; `undefined`: nothing. Two addresses of one thing are one text. */
export function addressFault(text: string): string | undefined {
  if (text.length > longest) return `expected at most ${longest} characters`;
  const url = parseAddress(text);
  if (url === undefined) return 'expected an address such as https://ci.example.com/job/restart';
  if (url.username !== '' || url.password !== '') {
    return 'expected no name and no password: credentials belong to the host in policy.yaml';
  }
  if (text.includes('#')) return 'expected no #: a fragment is never sent';
  if (url.href === text) return undefined;
  return `expected it as it is sent: ${url.href}`;
}
