/** What YAML, or an older YAML, reads as something else than a text. */
const reserved = /^(true|false|null|yes|no|on|off|y|n)$/i;

/** A text as a value of YAML on a line of its own: as it is where that is certain, else in quotes. */
export function yaml(text: string): string {
  if (/^[A-Za-z][\w ,./-]*( = "[\w ./-]*")?$/.test(text) && !text.endsWith(' ')) {
    return unlessReserved(text);
  }
  // what is quoted inside stays readable in quotes of the other kind
  const isPlain = /^[\x20-\x7e]*$/.test(text);
  return isPlain && text.includes('"') ? `'${text.replaceAll("'", "''")}'` : quoted(text);
}

/** The same between braces or brackets. */
export function flowYaml(text: string): string {
  return /^[A-Za-z][\w-]*$/.test(text) ? unlessReserved(text) : quoted(text);
}

/** A mapping of texts in one line. */
export function flowMapping(values: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(values).map(
    ([key, value]) => `${flowYaml(key)}: ${flowYaml(value)}`,
  );
  return `{ ${pairs.join(', ')} }`;
}

/** Lines of a comment, out of which no text leads. */
export function comment(...lines: readonly string[]): string {
  return lines.map((line) => `# ${line.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ')}`).join('\n');
}

function unlessReserved(text: string): string {
  return reserved.test(text) ? quoted(text) : text;
}

/** JSON's quotes are YAML's, where what YAML does not print is escaped besides. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
