import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { allDocuments } from '../support/document.js';

/* The words of words.yaml are in no document, text or name. */

interface Rule {
  readonly word: string;
  readonly instead: string;
  readonly why: string;
  readonly in: readonly ('documents' | 'texts' | 'names')[];
}

const rules: readonly Rule[] = parse(readFileSync('test/unit/words.yaml', 'utf8'));
const rulesFor = (place: Rule['in'][number]) => rules.filter((rule) => rule.in.includes(place));

const documents = allDocuments().map((path) => ({
  path,
  text: proseOf(readFileSync(path, 'utf8')),
}));
const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => join('src', name))
  .map((path) => ({ path, ...partsOf(readFileSync(path, 'utf8')) }));

test('each word has a reason and a better one', () => {
  for (const rule of rules) {
    expect(rule).toEqual({
      word: expect.stringMatching(/./),
      instead: expect.stringMatching(/./),
      why: expect.stringMatching(/./),
      in: expect.arrayContaining([expect.stringMatching(/^(documents|texts|names)$/)]),
    });
  }
});

describe('documents', () => {
  test.each(rulesFor('documents'))('do not say "$word": $instead', ({ word }) => {
    expect(documents.flatMap(({ path, text }) => found(path, text, word))).toEqual([]);
  });
});

describe('texts of the source', () => {
  test.each(rulesFor('texts'))('do not say "$word": $instead', ({ word }) => {
    expect(sources.flatMap(({ path, texts }) => found(path, texts, word))).toEqual([]);
  });
});

describe('names of the source', () => {
  test.each(rulesFor('names'))('are not "$word": $instead', ({ word }) => {
    expect(sources.flatMap(({ path, names }) => found(path, names, word))).toEqual([]);
  });
});

/** The places where the word is, as `path:line`. */
function found(path: string, text: string, word: string): string[] {
  const pattern = new RegExp(`(?<![\\w-])(?:${word.replaceAll(' ', '\\s+')})(?![\\w-])`, 'gi');
  return [...text.matchAll(pattern)].map(
    ({ index, 0: hit }) => `${path}:${text.slice(0, index).split('\n').length}: ${hit}`,
  );
}

/** A document without code, addresses and the names of tests; its lines stay where they are. */
function proseOf(text: string): string {
  return text
    .replace(/^( *)```[\s\S]*?^\1```$/gm, blank)
    .replace(/`test\/[^`]*`: [^|\n]*/g, blank)
    .replace(/`[^`\n]*`/g, blank)
    .replace(/\]\([^)]*\)/g, blank);
}

/** The comments and string literals of a source file, and what is left: its names. */
function partsOf(text: string): { readonly texts: string; readonly names: string } {
  const literal =
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;
  let texts = '';
  let end = 0;
  for (const { index, 0: hit } of text.matchAll(literal)) {
    texts += blank(text.slice(end, index)) + hit;
    end = index + hit.length;
  }
  return { texts, names: text.replace(literal, blank) };
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ');
}
