import { ExpressionError } from './expression-error.js';

/** A piece of a template: plain text, or the inside of `${{ … }}` and where it begins. */
export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'expression'; readonly text: string; readonly offset: number };

const opening = '${{';

/** What may not be looked into: CEL's strings (raw and triple-quoted ones too) and comments. */
const opaque =
  /[rR]("""|''')[\s\S]*?\1|("""|''')(?:[^\\]|\\[\s\S])*?\2|[rR]"[^"\n]*"|[rR]'[^'\n]*'|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\/\/[^\n]*/y;

/**
 * Cuts a text at its `${{ … }}`. Braces and quotes inside an expression are respected.
 *
 * @throws ExpressionError if an expression is never closed.
 */
export function splitTemplate(text: string): TemplatePart[] {
  const parts: TemplatePart[] = [];
  let at = 0;
  while (at < text.length) {
    const start = text.indexOf(opening, at);
    if (start === -1) break;
    if (start > at) parts.push({ kind: 'text', text: text.slice(at, start) });
    const offset = start + opening.length;
    const end = closingOf(text, offset);
    if (end === undefined) throw new ExpressionError('expected }} to close this ${{', start);
    parts.push({ kind: 'expression', text: text.slice(offset, end), offset });
    at = end + 2;
  }
  if (at < text.length) parts.push({ kind: 'text', text: text.slice(at) });
  return parts;
}

/** The index of the `}}` that closes an expression beginning at `start`. */
function closingOf(text: string, start: number): number | undefined {
  let depth = 0;
  let at = start;
  while (at < text.length) {
    opaque.lastIndex = at;
    const skipped = opaque.exec(text);
    if (skipped !== null) {
      at += skipped[0].length;
      continue;
    }
    if (depth === 0 && text.startsWith('}}', at)) return at;
    if (text[at] === '{') depth += 1;
    if (text[at] === '}') depth -= 1;
    at += 1;
  }
  return undefined;
}
