import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { readYaml } from '../../../src/playbook/yaml-source.js';

const files = readdirSync('playbooks').map((file) => readFileSync(`playbooks/${file}`, 'utf8'));
/** What may make a text mean something else, put anywhere. */
const bits = [
  ...[' ', '\n', '\t', '\r\n', '\r', '\u00a0', '\u2028', '\ufeff', '\u0085', '\0', 'é'],
  ...[':', ': ', '- ', '[', ']', '{', '}', ',', '"', "'", '#', ' #', '|', '>', '|-\n', '>-\n'],
  ...['&a ', '*a', '!', '!!str ', '? ', '%', '@', '`', '\\', '---\n', '...', '<<: ', '__proto__: '],
  ...['~', 'null', 'yes', 'true', '0x1F', '0o17', '017', '1_000', '1e3', '.5', '+5', '-.inf'],
  ...['2020-01-01', '12:30', 'name: a\n', 'mode: off\n', '\n---\n', '\n...\n', '', '', ''],
];
const edit = fc.record({
  at: fc.nat(2_000),
  left: fc.oneof(fc.constant(0), fc.nat(6)),
  put: fc.constantFrom(...bits),
});
const texts = fc
  .tuple(fc.constantFrom(...files), fc.array(edit, { minLength: 1, maxLength: 3 }))
  .map(([whole, edits]) =>
    edits.reduce((text, { at, left, put }) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + put + text.slice(place + left);
    }, whole),
  );

/** What the package says that reads all documents at once, and compares each key with all others. */
function reference(text: string) {
  const parsed = parseAllDocuments(text, {
    version: '1.2',
    prettyErrors: false,
    stringKeys: true,
  });
  return ('empty' in parsed ? [] : parsed).map((document) => {
    const faults = document.errors.length + document.warnings.length;
    try {
      return {
        isValid: faults === 0,
        value: faults === 0 ? (document.toJS() as unknown) : undefined,
      };
    } catch {
      // an alias of an anchor that is nowhere
      return { isValid: false, value: undefined };
    }
  });
}

function expectAsTheReference(text: string): void {
  const expected = reference(text).filter(({ value }) => value !== null);
  const documents = [...readYaml('a.yaml', text)];
  expect(documents.map(({ problems }) => problems.length === 0)).toEqual(
    expected.map(({ isValid }) => isValid),
  );
  const lines = text.split('\n');
  let from = 0;
  for (const [index, { text: own, value, problems, problem }] of documents.entries()) {
    if (expected[index]?.isValid) expect(value).toEqual(expected[index]?.value);
    from = text.indexOf(own, from);
    expect(from).toBeGreaterThanOrEqual(0);
    from += own.length;
    for (const { line, column } of [...problems, problem({ path: ['name'] }, '')]) {
      expect(column - 1).toBeLessThanOrEqual((lines[line - 1] as string).length);
    }
  }
}

test('a spoilt text is read as YAML says, and each problem is at a place of the file', () => {
  fc.assert(fc.property(texts, expectAsTheReference), { numRuns: 300 });
});

test.each([-2_083_410_301, -2_049_719_394])('also those texts that begin with %d', (seed) => {
  fc.assert(fc.property(texts, expectAsTheReference), { numRuns: 200, seed });
});
