import { MatcherError } from './matcher-error.js';

/** A piece of a text with matchers; `source` is as written, quotes and escapes included. */
export interface Token {
  readonly kind: '{' | '}' | ',' | 'operator' | 'quoted' | 'unquoted' | 'end';
  readonly source: string;
  readonly offset: number;
}

/** What needs no quotes: no white space and none of the characters that mean something. */
export const unquotedText = /^[^\p{White_Space}{}!=~,\\"'`]+$/u;

const token =
  /\p{White_Space}+|(?<brace>[{},])|(?<operator>=~|!=|!~|=)|(?<quoted>"(?:[^"\\]|\\.)*")|(?<unquoted>[^\p{White_Space}{}!=~,\\"'`]+)/suy;

/**
 * Cuts a text into the tokens of Alertmanager's matchers; the last one is `end`.
 *
 * @throws MatcherError at a character that begins no token, and at a quote that is never closed.
 */
export function scanMatchers(text: string): Token[] {
  const tokens: Token[] = [];
  let offset = 0;
  while (offset < text.length) {
    token.lastIndex = offset;
    const found = token.exec(text);
    if (found === null) throw fault(text, offset);
    const { brace, operator, quoted, unquoted } = found.groups ?? {};
    if (brace !== undefined) tokens.push({ kind: brace as '{' | '}' | ',', source: brace, offset });
    else if (operator !== undefined) tokens.push({ kind: 'operator', source: operator, offset });
    else if (quoted !== undefined) tokens.push({ kind: 'quoted', source: quoted, offset });
    else if (unquoted !== undefined) tokens.push({ kind: 'unquoted', source: unquoted, offset });
    offset += found[0].length;
  }
  tokens.push({ kind: 'end', source: '', offset });
  return tokens;
}

function fault(text: string, offset: number): MatcherError {
  const found = text.charAt(offset);
  if (found === '"') return new MatcherError('the closing double quote is missing', offset);
  if (found === '!') return new MatcherError('expected = or ~ after !', offset);
  if (found === '~') return new MatcherError('expected one of = != =~ !~, got ~', offset);
  return new MatcherError(
    `${found} is not allowed here: quote names and values that contain it`,
    offset,
  );
}
