const simpleEscapes: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
  '"': 34,
};

/** Escapes that stand for one byte: `\x41`, `\101`. */
const byteEscape = /^(?:x([0-9a-fA-F]{2})|([0-3][0-7]{2}))/;
/** Escapes that stand for one code point: `\u` and four hex digits, `\U` and eight. */
const codePointEscape = /^(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/;

/**
 * The value of an interpreted string literal of Go (https://go.dev/ref/spec#String_literals), given
 * with its double quotes; `undefined` if it is none, or if its bytes are not valid UTF-8.
 */
export function unquoteGoString(literal: string): string | undefined {
  if (literal.length < 2 || !literal.startsWith('"') || !literal.endsWith('"')) return undefined;
  const body = literal.slice(1, -1);
  if (!/[\\"\n]/.test(body)) return body;

  const chunks: Buffer[] = [];
  let at = 0;
  while (at < body.length) {
    if (body[at] === '\\') {
      const found = readEscape(body.slice(at + 1, at + 10));
      if (found === undefined) return undefined;
      chunks.push(found.bytes);
      at += 1 + found.length;
    } else {
      const plain = /^[^\\"\n]+/.exec(body.slice(at));
      if (plain === null) return undefined;
      chunks.push(Buffer.from(plain[0]));
      at += plain[0].length;
    }
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
  } catch {
    return undefined;
  }
}

/** A literal that `unquoteGoString` turns back into the text. */
export function quoteGoString(text: string): string {
  return JSON.stringify(text);
}

/** The bytes of the escape sequence at the start of `text` (after its backslash), and its length. */
function readEscape(text: string): { bytes: Buffer; length: number } | undefined {
  const simple = simpleEscapes[text.charAt(0)];
  if (simple !== undefined) return { bytes: Buffer.from([simple]), length: 1 };
  const byte = byteEscape.exec(text);
  if (byte !== null) {
    const value = byte[1] !== undefined ? parseInt(byte[1], 16) : parseInt(byte[2] ?? '', 8);
    return { bytes: Buffer.from([value]), length: byte[0].length };
  }
  const point = codePointEscape.exec(text);
  if (point === null) return undefined;
  const code = parseInt(point[1] ?? point[2] ?? '', 16);
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined;
  return { bytes: Buffer.from(String.fromCodePoint(code)), length: point[0].length };
}
