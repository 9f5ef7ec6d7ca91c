import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { quickMapping } from '../../../src/playbook/yaml-value.js';

const files = readdirSync('playbooks').map((file) => ({
  file,
  text: readFileSync(`playbooks/${file}`, 'utf8'),
}));
/** What may make a text mean something else, put anywhere. */
const bits = [
  ...[' ', '\n', '\t', '\r\n', '\r', '\u00a0', '\u2028', '\ufeff', '\u0085', '\0', 'é'],
  ...[':', ': ', '- ', '[', ']', '{', '}', ',', '"', "'", '#', ' #', '|', '>', '|-\n', '>-\n'],
  ...['&a ', '*a', '!', '!!str ', '? ', '%', '@', '`', '\\', '---\n', '...', '<<: ', '__proto__: '],
  ...['~', 'null', 'yes', 'true', '0x1F', '0o17', '017', '1_000', '1e3', '.5', '+5', '-.inf'],
  ...['2020-01-01', '12:30', '', '', ''],
];
const edit = fc.record({
  at: fc.nat(2_000),
  left: fc.oneof(fc.constant(0), fc.nat(6)),
  put: fc.constantFrom(...bits),
});
const texts = fc
  .tuple(
    fc.constantFrom(...files.map(({ text }) => text)),
    fc.array(edit, { minLength: 1, maxLength: 3 }),
  )
  .map(([whole, edits]) =>
    edits.reduce((text, { at, left, put }) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + put + text.slice(place + left);
    }, whole),
  );

test('what is read quickly is what the text says, without a fault and to its end', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const quick = quickMapping(text);
      if (quick === undefined) return;
      const parsed = parseAllDocuments(text, { version: '1.2', stringKeys: true });
      expect(parsed).toHaveLength(1);
      const [document] = parsed as Exclude<typeof parsed, { readonly empty: true }>;
      expect([...(document?.errors ?? []), ...(document?.warnings ?? [])]).toEqual([]);
      expect(document?.toJS()).toEqual(quick);
      expect(document?.range[2]).toBe(text.length);
    }),
    { numRuns: 2_000 },
  );
});

test('every shipped playbook is read quickly', () => {
  const playbooks = files.filter(({ file }) => !file.includes('.test.'));
  expect(playbooks.filter(({ text }) => quickMapping(text) === undefined)).toEqual([]);
});

test.each([
  ['a key that is no text', '1: a'],
  ['an alias', 'a: &x [1]\nb: *x'],
  ['a tag', 'a: !!str 5'],
  ['a directive', '%YAML 1.1\n---\na: yes'],
  ['a second document', 'a: 1\n---\nb: 2'],
  ['what follows the end of a document', 'a: 1\n...\n# more'],
  ['a line end of old', 'a: 1\rb: 2'],
  ['a list', '- a'],
  ['nothing', ''],
  ['a key that is given twice', 'a: 1\na: 2'],
])('%s is left to the parser that knows places', (_, text) => {
  expect(quickMapping(text)).toBeUndefined();
});
