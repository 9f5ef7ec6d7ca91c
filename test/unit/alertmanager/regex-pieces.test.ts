import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileAnchoredRegex, RegexError } from '../../../src/alertmanager/regex.js';
import { type Piece, piecesOf } from '../../../src/alertmanager/regex-pieces.js';

/** Whole texts as they are, of others their beginning or end with an ellipsis. */
function shown(pattern: string): readonly string[] | undefined {
  return piecesOf(pattern)?.map(
    ({ text, at }) => ({ whole: text, start: `${text}…`, end: `…${text}` })[at],
  );
}

test.each([
  ['warning|critical', ['warning', 'critical']],
  ['shop_(api|web)_7', ['shop_api_7', 'shop_web_7']],
  ['shop_7_.*', ['shop_7_…']],
  ['(a|b)?c', ['c', 'ac', 'bc']],
  ['ab+', ['ab…']],
  ['node[1-3]', ['node1', 'node2', 'node3']],
  ['(?i)up', ['UP', 'Up', 'uP', 'up']],
  ['^x$', ['x']],
  ['x\\b.*', ['x…']],
  ['10\\.0\\..+', ['10.0.…']],
  ['.*_cache', ['…_cache']],
  ['(.*_)?(api|web)_(\\d+:9100)', ['…:9100']],
  ['[^x]y', ['…y']],
  ['.*(?i:a)b$', ['…b']],
])('the texts that %s takes are found by %j', (pattern, pieces) => {
  expect(new Set(shown(pattern))).toEqual(new Set(pieces));
});

// what stands around an expression anchors only a part of the last two
test.each([
  '',
  'a?',
  '\\w+',
  '.*a.*',
  '(a|.*)',
  '.*a|.*b',
  '(.*a)?',
  '(?:.*)*',
  'a)|(?:b',
  'a)|(b',
])('those of %j have nothing in common', (pattern) => {
  expect(shown(pattern)).toBeUndefined();
});

test('what would be too many texts is cut short', () => {
  expect(shown('db[0-9][0-9][0-9]')).toHaveLength(10);
  expect(shown(`${'x'.repeat(60)}y`)).toEqual([`${'x'.repeat(48)}…`]);
});

test('every text that an expression takes has one of its pieces, and only one', () => {
  const piece = fc.constantFrom(
    'a',
    'b',
    'ab',
    '.',
    '[a-b]',
    '(a|b)',
    '(?i:a)',
    '^',
    '$',
    '\\b',
    'k',
    'ſ',
  );
  const repeated = fc.tuple(piece, fc.constantFrom('', '', '?', '*', '+', '{2}'));
  const branch = fc.array(repeated, { minLength: 1, maxLength: 4 });
  const pattern = fc
    .array(branch, { minLength: 1, maxLength: 3 })
    .map((branches) => branches.map((parts) => parts.flat().join('')).join('|'));
  const letter = fc.constantFrom('a', 'b', 'A', 'k', 'K', '\u212a', 's', 'ſ', '\n');
  const texts = fc.array(fc.string({ unit: letter, maxLength: 5 }), {
    minLength: 20,
    maxLength: 20,
  });
  fc.assert(
    fc.property(pattern, texts, (source, some) => {
      const pieces = piecesOf(source);
      if (pieces === undefined) return;
      for (const text of some) {
        const had = pieces.filter((one) => has(text, one)).length;
        expect(had).toBeLessThanOrEqual(1);
        if (isTaken(source, text)) expect(had).toBe(1);
      }
    }),
    { numRuns: 500 },
  );
});

function has(text: string, piece: Piece): boolean {
  if (piece.at === 'whole') return text === piece.text;
  return piece.at === 'start' ? text.startsWith(piece.text) : text.endsWith(piece.text);
}

function isTaken(source: string, text: string): boolean {
  try {
    return compileAnchoredRegex(source)(text);
  } catch (error) {
    if (error instanceof RegexError) return false;
    throw error;
  }
}
