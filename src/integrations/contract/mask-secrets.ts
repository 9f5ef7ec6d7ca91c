const mask = '[secret]';

/** Names after which a secret follows: `password=…`, `"apiKey": "…"`, `--token …`. The bounds keep long words fast. */
const name =
  '[\\w.-]{0,32}(?:passw(?:or)?d|pwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential|auth(?:orization)?|cookie|session[_-]?id|signature)[\\w.-]{0,32}';
const scheme = '(?:Bearer|Basic|Digest|Token)';
/** No digest, which is called so, too. */
const noDigest = '(?!sha\\d{1,3}[:-]|[0-9a-f]{40,}\\b)';

/** A digest says what it is: `sha256:…`, and `sha512-…` of lock files. */
const digest = 'sha\\d{1,3}[:-]';

/** What is before a hash of git or a digest, on its line: what it is a hash of. */
const beforeHash =
  /(?:\bsha\d{1,3}(?:sum)?\b|\bmd5\b|(?:\b|_)(?:commit|revision|rev|changeset|head|tree|parent|merge|merged|branch|tag|ref|hash|sha|digest|checksum|image|layer|blob|object|base|onto)\b)["']?(?:\s+(?:is|was|now|at|to|from|of))*[\s:=@#("'[<-]*(?:[0-9a-f]{40,64}\.{2,3})?$/i;
/** What is behind one: the second of a range, a ref of `git ls-remote`, a file of `sha256sum`. */
const behindHash = /^(?:\.{2,3}[0-9a-f]{40,64}\b|\s+(?:refs\/|HEAD\b)| [ *]\S)/;
/** Words after which even a hash is a secret. */
const secretWord =
  /passw|pwd|passphrase|secret|token|credential|auth(?!or\b)|cookie|session|signature|salt|hmac|\bkey\b|[_-]key/i;
/** How much of a line decides about a hash. */
const nearby = 60;

/** Whether a run of hexadecimal characters is a hash of git or a digest, by what is around it. */
function isHash(run: string, at: number, text: string): boolean {
  const before =
    text
      .slice(Math.max(0, at - nearby), at)
      .split('\n')
      .at(-1) ?? '';
  if (![40, 56, 64, 96, 128].includes(run.length) || secretWord.test(before)) return false;
  if (beforeHash.test(before)) return true;
  return behindHash.test(text.slice(at + run.length, at + run.length + 70));
}

/** Each form with what stands in its place; the groups stay. */
const forms: readonly (readonly [
  form: RegExp,
  instead: string | ((run: string, at: number, text: string) => string),
])[] = [
  // a key in PEM, whole or its beginning
  [
    /-----BEGIN [A-Z ]{0,64}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,64}PRIVATE KEY-----|$)/g,
    mask,
  ],
  // user and password of an address
  [/([a-z][a-z0-9+.-]{0,32}:\/\/)[^\s/@:]{0,256}:[^\s@]{1,256}@/gi, `$1${mask}@`],
  [/\b((?:Bearer|Basic|Token)\s+)[\w+/=.~-]{6,}/gi, `$1${mask}`],
  [new RegExp(`\\b(Digest\\s+)${noDigest}[\\w+/=.~-]{6,}`, 'gi'), `$1${mask}`],
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
  // long runs of hexadecimal or Base64 characters are keys more often than not, unless they say what they are
  [
    new RegExp(`(?<!${digest})\\b[0-9a-f]{40,}\\b`, 'gi'),
    (run, at, text) => (isHash(run, at, text) ? run : mask),
  ],
  [
    /(?<![\w+/])(?<!sha\d{3}-)(?=[\w+/]*\d)(?=[\w+/]*[A-Z])(?=[\w+/]*[a-z])[A-Za-z0-9+/]{40,}={0,2}/g,
    mask,
  ],
];

/**
 * Takes out of a log, or a line of one, what looks like a secret. It knows common forms and no more: anyone who
 * may see the log may see what an application writes in a form of its own.
 */
export function maskSecrets(text: string): string {
  return forms.reduce(
    (masked, [form, instead]) =>
      typeof instead === 'string' ? masked.replace(form, instead) : masked.replace(form, instead),
    text,
  );
}
