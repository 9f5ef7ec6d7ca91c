/** Controls (C0, DEL, C1), marks that turn the direction of text, and separators of lines. */
const unseen = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u206f]/gu;

const fieldOrUnseen = new RegExp(`value="[^"]*"|${unseen.source}`, 'gu');

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Escapes what could move a terminal's cursor, colour it, begin another line, or turn the direction of
 * letters: `\n`, `\u001b`, `\u202e`. The escapes are JSON's, so JSON stays JSON, and the same JSON.
 *
 * @param keep characters that stay as they are
 */
export function visible(text: string, keep = ''): string {
  return text.replace(unseen, (char) => (keep.includes(char) ? char : escapeOf(char)));
}

/**
 * The same for a page of HTML, where lines may break. What a field of a form holds stays as it is, for it
 * is sent back.
 */
export function visibleHtml(html: string): string {
  return html.replace(fieldOrUnseen, (part) => (part.length > 1 ? part : visible(part, '\n\t')));
}

function escapeOf(char: string): string {
  return short[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
