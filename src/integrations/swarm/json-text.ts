/*
 * Reads and changes single values of a JSON text and leaves every other byte as it is. Parsing and
 * writing a whole text again would round integers above 2^53, which Docker's specifications hold.
 * Every text has to be valid JSON: parse it first.
 */

interface Span {
  readonly start: number;
  readonly end: number;
}

/** A string, a bracket or another literal, with what stands before it. */
const token = /[\s,:]*("[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]]|[^\s,:{}[\]"]+)/y;

/** Returns the text of the value at a path of keys; `undefined` where there is none. */
export function textAt(text: string, path: readonly string[]): string | undefined {
  const span = spanAt(text, path);
  return span && text.slice(span.start, span.end);
}

/**
 * Sets the value at a path of keys, and adds its key where that is missing.
 *
 * @throws RangeError where what would hold the key is missing or no object.
 */
export function withValueAt(
  text: string,
  path: readonly [string, ...string[]],
  value: number | string | object,
): string {
  const [key, written] = [path.at(-1) ?? '', JSON.stringify(value)];
  const span = spanAt(text, path);
  if (span !== undefined) return text.slice(0, span.start) + written + text.slice(span.end);
  const holder = spanAt(text, path.slice(0, -1));
  if (holder === undefined || text[holder.start] !== '{') {
    throw new RangeError(`${path.join('.')}: there is no object to hold it`);
  }
  const at = holder.start + 1;
  const isEmpty = text[tokenFrom(text, at).start] === '}';
  return `${text.slice(0, at)}${JSON.stringify(key)}:${written}${isEmpty ? '' : ','}${text.slice(at)}`;
}

function spanAt(text: string, path: readonly string[]): Span | undefined {
  let span: Span | undefined = valueFrom(text, 0);
  for (const key of path) span = span && memberOf(text, span, key);
  return span;
}

/** Finds the value of a key; of a key that stands twice the last counts, as for every reader. */
function memberOf(text: string, { start }: Span, key: string): Span | undefined {
  if (text[start] !== '{') return undefined;
  let found: Span | undefined;
  let name = tokenFrom(text, start + 1);
  while (text[name.start] !== '}') {
    const value = valueFrom(text, name.end);
    if (JSON.parse(text.slice(name.start, name.end)) === key) found = value;
    name = tokenFrom(text, value.end);
  }
  return found;
}

function valueFrom(text: string, from: number): Span {
  const first = tokenFrom(text, from);
  let last = first;
  let depth = 0;
  for (;;) {
    const [character = ''] = text.slice(last.start, last.start + 1);
    if ('{['.includes(character)) depth += 1;
    if ('}]'.includes(character)) depth -= 1;
    if (depth === 0) return { start: first.start, end: last.end };
    last = tokenFrom(text, last.end);
  }
}

function tokenFrom(text: string, from: number): Span {
  token.lastIndex = from;
  const found = token.exec(text)?.[1];
  if (found === undefined) throw new RangeError(`no JSON at position ${from}`);
  return { start: token.lastIndex - found.length, end: token.lastIndex };
}
