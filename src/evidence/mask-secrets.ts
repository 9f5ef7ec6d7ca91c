const mask = '[secret]';

/** Names after which a secret follows: `password=…`, `"apiKey": "…"`, `--token …`. */
const name =
  '[\\w.-]*(?:passw(?:or)?d|passwd|pwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential|auth(?:orization)?|cookie|session[_-]?id|signature)[\\w.-]*';

/** Each form with what stands in its place; the groups stay. */
const forms: readonly (readonly [form: RegExp, instead: string])[] = [
  // a key in PEM, whole or its beginning
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----.*/gs, mask],
  // user and password of an address
  [/([a-z][a-z0-9+.-]*:\/\/)[^\s/@:]*:[^\s/@]+@/gi, `$1${mask}@`],
  [/\b(Bearer|Basic|Digest|Token)\s+[\w+/=.~-]{6,}/gi, `$1 ${mask}`],
  // in quotes, as JSON has it
  [
    new RegExp(`(["']?${name}["']?\\s*[:=]\\s*)(["'])(?:\\\\.|(?!\\2).)*(?:\\2|$)`, 'gi'),
    `$1$2${mask}$2`,
  ],
  [
    new RegExp(
      `(\\b${name}\\s*(?:=|:)\\s*)(?!\\[secret\\])(?:(?:Bearer|Basic)\\s+)?[^\\s"'&;,]+`,
      'gi',
    ),
    `$1${mask}`,
  ],
  [new RegExp(`(--?${name}\\s+)(?!\\[secret\\])[^\\s-]\\S*`, 'gi'), `$1${mask}`],
  // JSON Web Tokens, and tokens that are known by their beginning
  [/\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g, mask],
  [/\b(?:AKIA|ASIA)[0-9A-Z]{12,}\b/g, mask],
  [
    /\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|xapp-|sk-|sk_live_|rk_live_|npm_|hf_|AIza)[\w-]{10,}/g,
    mask,
  ],
  // long runs of hexadecimal or Base64 characters are keys more often than not; a digest is no loss
  [/\b[0-9a-f]{40,}\b/gi, mask],
  [/(?<![\w+/])(?=[\w+/]*\d)(?=[\w+/]*[A-Z])(?=[\w+/]*[a-z])[A-Za-z0-9+/]{40,}={0,2}/g, mask],
];

/** The longest line that is kept, in characters. */
const longestLine = 500;

/**
 * Takes out of a line of a log what looks like a secret. It knows common forms and no more: anyone who may see
 * evidence may see what an application writes in a form of its own.
 */
export function maskSecrets(line: string): string {
  const cut = line.length > longestLine ? `${line.slice(0, longestLine)}…` : line;
  return forms.reduce((text, [form, instead]) => text.replace(form, instead), cut);
}
