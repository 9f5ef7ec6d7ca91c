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
