import { expect, test } from 'vitest';
import { readYaml } from '../../../src/playbook/yaml-source.js';

const text = `# head
list:
  - one: plain
    two: "quoted"
  - three: 'single'
    four: "a\\tb"
    five: |
      block
  - &anchor { six: 6 }
  - *anchor
  - seven:
`;

function place(path: (string | number)[], more: { onKey?: boolean; offset?: number } = {}): string {
  const [document] = readYaml('a.yaml', text);
  const problem = document?.problem({ path, ...more }, 'here');
  return `${problem?.line}:${problem?.column} ${problem?.message}`;
}

test('a value is found by its path', () => {
  expect(place([])).toBe('2:1 here');
  expect(place(['list', 0, 'one'])).toBe('3:10 here');
  expect(place(['list', 1, 'three'])).toBe('5:12 here');
});

test('a key is found by its path', () => {
  expect(place(['list', 0, 'two'], { onKey: true })).toBe('4:5 here');
});

test('a character inside a text is found, where the text stands as it is', () => {
  expect(place(['list', 0, 'one'], { offset: 2 })).toBe('3:12 here');
  expect(place(['list', 0, 'two'], { offset: 2 })).toBe('4:13 here');
  expect(place(['list', 1, 'three'], { offset: 0 })).toBe('5:13 here');
});

test('a character inside a text with escapes is counted in the message', () => {
  expect(place(['list', 1, 'four'], { offset: 2 })).toBe('6:11 here (at character 3 of the text)');
  expect(place(['list', 1, 'five'], { offset: 0 })).toBe('7:11 here (at character 1 of the text)');
});

test('a place that does not exist stands for what is around it', () => {
  expect(place(['list', 0, 'none'])).toBe('3:5 here');
  expect(place(['list', 9])).toBe('3:3 here');
  expect(place(['list', 0, 'one', 'more'])).toBe('3:10 here');
});

test('a place behind an alias is where the anchor stands', () => {
  expect(place(['list', 3, 'six'])).toBe('9:20 here');
});

test('aliases that multiply without end are a problem', () => {
  const bomb = [
    'a: &a [x, x, x, x, x, x, x, x, x, x]',
    'b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]',
    'c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]',
    'd: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]',
  ].join('\n');
  const [document] = readYaml('a.yaml', bomb);
  expect(document?.value).toBeUndefined();
  expect(document?.problems).toMatchObject([
    { line: 1, column: 1, message: expect.stringContaining('alias') },
  ]);
});

test('a text in Windows style is read with the same positions', () => {
  const [document] = readYaml('a.yaml', '\ufeffname: a\r\nmode: off\r\n');
  expect(document?.value).toEqual({ name: 'a', mode: 'off' });
  expect(document?.problem({ path: ['mode'] }, '')).toMatchObject({ line: 2, column: 7 });
});

test.each([
  ['an anchor before a mapping on one line', 'guards:\n  cooldown: &a   limits: [3 per 1h]\n'],
  ['a tag before a mapping on one line', 'guards:\n  cooldown: !!map limits: [3 per 1h]\n'],
  ['two mappings on one line', 'guards: cooldown: 5m\n'],
  ['a word behind a list', 'limits: [3 per 1h] more\n'],
  ['a word behind a text in quotes', 'name: "a" b\n'],
  ['a list entry that is indented like a key', 'a:\n  b: 1\n - c\n'],
])('%s is no valid YAML', (_, invalid) => {
  const [document] = readYaml('a.yaml', invalid);
  expect(document?.value).toBeUndefined();
  expect(document?.problems).toMatchObject([{ message: expect.stringContaining('invalid YAML') }]);
});

test('a fault in one document does not affect the next, and places count from the top of the file', () => {
  const [first, second] = readYaml('a.yaml', 'a: [\n---\nname: b\nname: c\n');
  expect(first?.value).toBeUndefined();
  expect(second?.value).toEqual({ name: 'c' });
  expect(second?.problems).toMatchObject([{ line: 4, column: 1 }]);
  expect(second?.problem({ path: ['name'] }, '')).toMatchObject({ line: 3, column: 7 });
});

test.each([
  ['a document that is too long', `a: ${'x'.repeat(70_000)}`, 1, 'at most 65536 characters'],
  ['the second of two', `a: 1\n---\na: ${'x'.repeat(70_000)}`, 2, 'at most 65536 characters'],
  ['too many documents', 'a: 1\n---\n'.repeat(2_100), 4_000, 'at most 1000 documents'],
  ['too many keys', keys(6_000), 1, 'at most 5000 keys'],
  ['too many keys on one line', `{${keys(6_000).replaceAll('\n', ', ')}}`, 1, 'at most 5000 keys'],
  ['too many entries of lists', `a: [${'x, '.repeat(6_000)}]`, 1, 'at most 5000 keys'],
  ['too many entries in all', `a: ${'[[[[1]]]], '.repeat(2_000)}`, 1, 'invalid YAML'],
])('%s: the problem says what is expected', (_, large, line, message) => {
  const documents = [...readYaml('a.yaml', large)];
  expect(documents.at(-1)?.value).toBeUndefined();
  expect(documents.at(-1)?.problems).toMatchObject([
    { line, message: expect.stringContaining(message) },
  ]);
});

function keys(count: number): string {
  return Array.from({ length: count }, (_, index) => `k${index}: 1`).join('\n');
}

test('of a key that is given again and again, the first twenty are told', () => {
  const [document] = readYaml('a.yaml', 'a: 1\n'.repeat(1_000));
  expect(document?.problems).toHaveLength(20);
});

test('nesting without end is a problem', () => {
  const [document] = readYaml('a.yaml', '['.repeat(30_000) + ']'.repeat(30_000));
  expect(document?.value).toBeUndefined();
  expect(document?.problems).toHaveLength(1);
});
