import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Whether an `Authorization` header presents this token: as a bearer token (RFC 6750) or, where
 * `basic` is allowed, as the password of any user (RFC 7617). Takes the same time for every wrong
 * token of a length.
 */
export function presentsToken(
  authorization: string | undefined,
  token: string,
  { basic }: { readonly basic: boolean },
): boolean {
  const [scheme = '', ...rest] = (authorization ?? '').split(' ');
  const credentials = rest.join(' ').trim();
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return isSame(credentials, token);
    case 'basic':
      return basic && isSame(passwordIn(credentials), token);
    default:
      return false;
  }
}

/** Compares two secrets in a time that does not depend on what they have in common. */
export function isSame(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}

/** Everything after the first colon. */
function passwordIn(credentials: string): string {
  return Buffer.from(credentials, 'base64')
    .toString('utf8')
    .replace(/^[^:]*:?/, '');
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
