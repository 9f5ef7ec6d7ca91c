import type { Labels } from './alert.js';
import { quoteGoString, unquoteGoString } from './go-string.js';
import { labelValue } from './labels.js';
import { MatcherError } from './matcher-error.js';
import { scanMatchers, type Token, unquotedText } from './matcher-scanner.js';
import { compileAnchoredRegex, RegexError } from './regex.js';

export type MatcherOperator = '=' | '!=' | '=~' | '!~';

/** One condition on one label, in the sense of Alertmanager: a missing label equals the empty string. */
export interface Matcher {
  readonly name: string;
  readonly op: MatcherOperator;
  /** The text or the regular expression that the label is held against. */
  readonly value: string;
  matches(labels: Labels): boolean;
  /** As it is written in Alertmanager, the value quoted; `parseMatchers` reads it back. */
  toString(): string;
}

/**
 * Reads matchers in the UTF-8 grammar of Alertmanager (its `matcher/parse`): separated by commas, in
 * braces or without, a trailing comma allowed. The empty text and `{}` hold no matchers.
 *
 * @throws MatcherError with the offset of the fault and what was expected there.
 */
export function parseMatchers(text: string): Matcher[] {
  const tokens = scanMatchers(text);
  const matchers: Matcher[] = [];
  let at = 0;
  const peek = () => tokens[at] as Token;
  const next = () => tokens[at++] as Token;

  const braces = peek().kind === '{';
  if (braces) next();
  while (peek().kind !== '}' && peek().kind !== 'end') {
    matchers.push(readMatcher(next));
    if (peek().kind !== ',') break;
    next();
  }
  const last = next();
  if (braces) {
    if (last.kind !== '}') throw unexpected(last, 'a comma or a closing brace');
    if (peek().kind !== 'end') throw unexpected(peek(), 'the end of the matchers');
  } else if (last.kind === '}') {
    throw new MatcherError('a closing brace without an opening one', last.offset);
  } else if (last.kind !== 'end') {
    throw unexpected(last, 'a comma or the end of the matchers');
  }
  return matchers;
}

function readMatcher(next: () => Token): Matcher {
  const nameToken = next();
  const name = textOf(nameToken, 'a label name');
  const operator = next();
  if (operator.kind !== 'operator') {
    throw unexpected(operator, `one of = != =~ !~ after the label name`);
  }
  const valueToken = next();
  if (valueToken.kind === 'operator' && operator.source + valueToken.source === '==') {
    throw new MatcherError('expected a value, got =; write equality with one =', valueToken.offset);
  }
  const op = operator.source as MatcherOperator;
  const value = textOf(
    valueToken,
    op.endsWith('~') ? 'a regular expression' : 'a value ("" for an empty one)',
  );
  try {
    return createMatcher({ name, op, value });
  } catch (error) {
    if (error instanceof RegexError) throw new MatcherError(error.message, valueToken.offset);
    throw error;
  }
}

/**
 * One matcher from its parts.
 *
 * @throws RegexError if the operator wants a regular expression and the value is none that RE2 takes.
 */
export function createMatcher(parts: {
  readonly name: string;
  readonly op: MatcherOperator;
  readonly value: string;
}): Matcher {
  const { name, op, value } = parts;
  const holds = op.endsWith('~')
    ? compileAnchoredRegex(value)
    : (candidate: string) => candidate === value;
  const wanted = !op.startsWith('!');
  const shownName = unquotedText.test(name) ? name : quoteGoString(name);
  let text: string | undefined;
  return {
    name,
    op,
    value,
    matches: (labels) => holds(labelValue(labels, name)) === wanted,
    toString() {
      text ??= `${shownName}${op}${quoteGoString(value)}`;
      return text;
    },
  };
}

function textOf(token: Token, what: string): string {
  if (token.kind === 'unquoted') return token.source;
  if (token.kind !== 'quoted') throw unexpected(token, what);
  const text = unquoteGoString(token.source);
  if (text !== undefined) return text;
  throw new MatcherError(
    `${token.source}: expected a double-quoted string with the escapes of Go (write a backslash as \\\\)`,
    token.offset,
  );
}

function unexpected(token: Token, what: string): MatcherError {
  const got = token.kind === 'end' ? 'the end' : token.source;
  return new MatcherError(`expected ${what}, got ${got}`, token.offset);
}
