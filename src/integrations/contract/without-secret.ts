/** The names that HTML has for characters that often stand in secrets. */
const entities: Readonly<Record<string, string>> = {
  '&': 'amp',
  '<': 'lt',
  '>': 'gt',
  '"': 'quot',
  "'": 'apos',
  '+': 'plus',
  '/': 'sol',
  '=': 'equals',
  ':': 'colon',
  ' ': 'nbsp',
};

/** Less of a secret that is cut off at the end of a text tells nothing, in characters. */
const shortestPiece = 4;

/**
 * Takes a secret out of a text, in each form in which a server may give it back: as it is, or escaped as in
 * JSON, an address (percent-encoded) or HTML, also several times over. A piece of it at the very end counts
 * too: the rest was cut off.
 */
export function withoutSecret(text: string, secret: string): string {
  const rest = text.replaceAll(secret, '[secret]');
  const forms = [...secret.replace(/\\+/g, '\\')].map((char) => new RegExp(formsOf(char), 'y'));
  let shown = '';
  let at = 0;
  while (at < rest.length) {
    const end = endOf(rest, at, forms);
    shown += end === undefined ? rest[at] : '[secret]';
    at = end ?? at + 1;
  }
  return shown;
}

/** Where the secret ends that begins here; `undefined`: none does. */
function endOf(text: string, start: number, forms: readonly RegExp[]): number | undefined {
  let at = start;
  for (const [index, form] of forms.entries()) {
    if (at === text.length && index >= shortestPiece) return at;
    form.lastIndex = at;
    if (!form.test(text)) return undefined;
    at = form.lastIndex;
  }
  return at;
}

/** A backslash in all its forms. */
const backslash = '(?:\\\\|%(?:25)*5[cC]|&(?:amp;)*#0*92;|&(?:amp;)*#[xX]0*5[cC];)';

/** One character in all its forms; backslashes may stand before it, and escapes may be escaped again. */
function formsOf(char: string): string {
  if (char === '\\') return `${backslash}+(?:u00|x)5[cC]|${backslash}+`;
  const code = char.codePointAt(0) ?? 0;
  const units = char.split('').map((unit) => `${backslash}+u${hexOf(unit.charCodeAt(0), 4)}`);
  const bytes = [...Buffer.from(char)].map((byte) => `%(?:25)*${hexOf(byte, 2)}`);
  const name = entities[char];
  const others = [
    ...(name === undefined ? [] : [`&(?:amp;)*${name};`]),
    `&(?:amp;)*#0*${code};`,
    `&(?:amp;)*#[xX]0*${hexOf(code, 1)};`,
    bytes.join(''),
    ...(char === ' ' ? ['\\+'] : []),
    char.replace(/[\^$.*+?()[\]{}|/-]/, '\\$&'),
  ];
  return `${units.join('')}|${backslash}+x${hexOf(code, 2)}|${backslash}*(?:${others.join('|')})`;
}

/** A number in hexadecimal digits of either case. */
function hexOf(number: number, digits: number): string {
  return number
    .toString(16)
    .padStart(digits, '0')
    .replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}
