const mask = '[secret]';

/** Names after which a secret follows: `password=…`, `"apiKey": "…"`, `--token …`. The bounds keep long words fast. */
const name =
  '[\\w.-]{0,32}(?:passw(?:or)?d|pwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential|auth(?:orization)?|cookie|session[_-]?id|signature)[\\w.-]{0,32}';
const scheme = '(?:Bearer|Basic|Digest|Token)';

/** Each form with what stands in its place; the groups stay. */
const forms: readonly (readonly [form: RegExp, instead: string])[] = [
  // a key in PEM, whole or its beginning
  [
    /-----BEGIN [A-Z ]{0,64}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,64}PRIVATE KEY-----|$)/g,
    mask,
  ],
  // user and password of an address
  [/([a-z][a-z0-9+.-]{0,32}:\/\/)[^\s/@:]{0,256}:[^\s@]{1,256}@/gi, `$1${mask}@`],
  [new RegExp(`\\b(${scheme}\\s+)[\\w+/=.~-]{6,}`, 'gi'), `$1${mask}`],
  // in quotes, as JSON has it; the end of the line ends it, too
  [
    new RegExp(`(["']?${name}["']?\\s*[:=]\\s*)(["'])(?:\\\\.|(?!\\2).)*(?:\\2|$)`, 'gim'),
    `$1$2${mask}$2`,
  ],
  [
    new RegExp(
      `(${name}\\s*[:=]\\s*)(?!(?:${scheme}\\s+)?\\[secret\\])(?:${scheme}\\s+)?[^\\s"'&;,]+`,
      'gi',
    ),
    `$1${mask}`,
  ],
  [new RegExp(`(--?${name}\\s+)(?!\\[secret\\])[^\\s-]\\S*`, 'gi'), `$1${mask}`],
  // JSON Web Tokens, and tokens that are known by their beginning
  [/\beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?/g, mask],
  [/\b(?:AKIA|ASIA)[0-9A-Z]{12,}\b/g, mask],
  [
    /\b(?:gh[oprsu]_|github_pat_|glpat-|xox[abeoprs]-|xapp-|sk-|sk_live_|rk_live_|npm_|hf_|AIza)[\w-]{8,}/g,
    mask,
  ],
  // long runs of hexadecimal or Base64 characters are keys more often than not; a digest is no loss
  [/\b[0-9a-f]{40,}\b/gi, mask],
  [/(?<![\w+/])(?=[\w+/]*\d)(?=[\w+/]*[A-Z])(?=[\w+/]*[a-z])[A-Za-z0-9+/]{40,}={0,2}/g, mask],
];

/**
 * Takes out of a log, or a line of one, what looks like a secret. It knows common forms and no more: anyone who
 * may see the log may see what an application writes in a form of its own.
 */
export function maskSecrets(text: string): string {
  return forms.reduce((masked, [form, instead]) => masked.replace(form, instead), text);
}
