import fc from 'fast-check';

/** Texts that have broken out of quotes, lines, templates or buffers somewhere. */
const known = [
  ...[
    '',
    ' ',
    '"',
    "'",
    '`',
    '\\',
    '$',
    '$(id)',
    '`id`',
    '${HOME}',
    '$1',
    '$@',
    '!!',
    '~',
    '*',
    '?',
  ],
  ...['a;id', 'a&&id', 'a|id', '>x', '<x', '\n', '\r\n', '\0', '\u001b[31m', '\u0085', '\u2028'],
  ...['{{', '}}', '{{.Node.ID}}', '{{{', '{{"{{"}}', '{{ range . }}', '{{/*', '{{- "x" -}}', '{{`'],
  ...['%s%n', '%00', '../../etc/passwd', '--help', '-rf', '=', 'A=b', '\u202e', '\ufeff', '\ud800'],
  ...['🏳️‍🌈', 'ÄÖÜ', '漢字', '\u0000\u0001', '__proto__', 'constructor', '0', '-0', 'NaN', 'null'],
];

const piece = fc.oneof(
  fc.constantFrom(...known),
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
);

/** Values of labels as an attacker, or chance, may make them; some of them far too long. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 400, arbitrary: fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')) },
  { weight: 1, arbitrary: fc.constantFrom('x'.repeat(4_001), '"'.repeat(2 ** 20)) },
);
