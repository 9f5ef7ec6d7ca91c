import { STATUS_CODES } from 'node:http';
import { TargetError } from '../contract/target-error.js';
import { withoutSecret } from '../contract/without-secret.js';

/** The beginning of an answer. */
export interface HttpAnswer {
  readonly status: number;
  /** Where it says to go, if it does. */
  readonly location: string | undefined;
  /** The beginning of its body. */
  readonly body: string;
}

/** How many characters of a body are looked at, and how many are shown. */
const longestLook = 1_000;
const longestShown = 200;

/**
 * What an answer means for a change that was asked for: in words where it was done.
 *
 * @param secrets what is taken out of its body before anybody sees it
 * @throws TargetError `busy` where nothing was done and it may be tried later (429 and 503 say so),
 *   `not_found`, `forbidden` and `invalid` where it was refused, and `unknown` for whatever does not say.
 */
export function judgeAnswer(answer: HttpAnswer, what: string, secrets: readonly string[]): string {
  const { status, location } = answer;
  const said = `answered ${describe(answer, secrets)}`;
  if (status >= 200 && status < 300) return said;
  const fail = (kind: TargetError['kind'], more = '') =>
    new TargetError(kind, `${what}: ${said}${more}`);
  if (status === 429 || status === 503) throw fail('busy');
  if (status === 404 || status === 410) throw fail('not_found');
  if (status === 401 || status === 403 || status === 407) throw fail('forbidden');
  if (status >= 400 && status < 500) throw fail('invalid');
  if (status < 300 || status >= 400) throw fail('unknown');
  const more = `${goesTo(location)}; Jidoka does not follow redirects: use the final address`;
  // these three say that it has to be asked elsewhere; after 302 and 303 it may well have been done
  const isElsewhere = status === 301 || status === 307 || status === 308;
  throw fail(isElsewhere ? 'invalid' : 'unknown', more);
}

function describe({ status, body }: HttpAnswer, secrets: readonly string[]): string {
  const excerpt = excerptOf(body, secrets);
  const name = STATUS_CODES[status];
  return `${status}${name === undefined ? '' : ` ${name}`}${excerpt && `: ${excerpt}`}`;
}

/** The beginning of a text in one line, without secrets and control characters. */
function excerptOf(body: string, secrets: readonly string[]): string {
  const clean = secrets
    .reduce(withoutSecret, body)
    .slice(0, longestLook)
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim();
  const letters = [...clean];
  return letters.length <= longestShown ? clean : `${letters.slice(0, longestShown).join('')}…`;
}

/** The host alone: the rest may hold a secret. */
function goesTo(location: string | undefined): string {
  if (location === undefined || !URL.canParse(location)) return '';
  return `, to ${new URL(location).origin}`;
}

/** In what forms a value of the header Authorization may come back in an answer. */
export function secretsIn(authorization: string | undefined): string[] {
  if (authorization === undefined) return [];
  const [scheme = '', ...rest] = authorization.split(' ');
  const token = rest.join(' ');
  const basic = scheme.toLowerCase() === 'basic' ? Buffer.from(token, 'base64').toString() : '';
  const password = basic.slice(basic.indexOf(':') + 1);
  // the longest first, so that none is cut by a part of itself
  return [authorization, token, basic, password]
    .filter((secret) => secret.length > 3)
    .sort((a, b) => b.length - a.length);
}
