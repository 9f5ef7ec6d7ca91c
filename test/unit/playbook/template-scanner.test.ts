import { expect, test } from 'vitest';
import { ExpressionError } from '../../../src/playbook/expression-error.js';
import { splitTemplate } from '../../../src/playbook/template-scanner.js';

test('a text is cut into what stands inside and outside of ${{ }}', () => {
  expect(splitTemplate('a ${{ labels.b }}-${{c}} $d {e}')).toEqual([
    { kind: 'text', text: 'a ' },
    { kind: 'expression', text: ' labels.b ', offset: 5 },
    { kind: 'text', text: '-' },
    { kind: 'expression', text: 'c', offset: 21 },
    { kind: 'text', text: ' $d {e}' },
  ]);
});

test('an empty text has no parts', () => {
  expect(splitTemplate('')).toEqual([]);
});

test.each([
  '"}}"',
  "'}}'",
  '"\\"}}"',
  'r"\\" + "}}"',
  '"""a "quoted" }} \n text"""',
  "'''}}'''",
  '{"a": {"b": 1}}["a"]["b"]',
  'labels.a // }}\n',
  '"${{"',
])('%j may stand inside an expression', (text) => {
  expect(splitTemplate(`\${{${text}}}`)).toEqual([{ kind: 'expression', text, offset: 3 }]);
});

test.each([
  ['${{ labels.a', 0],
  ['${{ labels.a }', 0],
  ['x ${{ a }} ${{ b } }', 11],
  ['${{ {"a": 1 }}', 0],
])('%j is refused, because it is never closed', (text, offset) => {
  expect(() => splitTemplate(text)).toThrow(ExpressionError);
  try {
    splitTemplate(text);
  } catch (error) {
    expect(error).toMatchObject({ offset });
  }
});
