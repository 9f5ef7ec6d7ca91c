import { expect, test, vi } from 'vitest';
import { createMemory } from '../../../../src/engine/playbook-set/parse-cache.js';
import { allAtOnce } from '../../../../src/lib/steps.js';
import type { PlaybookParser } from '../../../../src/playbook/parse.js';

function start() {
  const parser = vi.fn<PlaybookParser>(function* (file, text) {
    yield;
    return { parsed: [], problems: [{ file, line: 1, column: 1, message: text }] };
  });
  const { parse, keepOnly } = createMemory(parser);
  const memory = {
    parse: (file: string, text: string) => allAtOnce(parse(file, text)),
    keepOnly,
  };
  return { parser, memory };
}

test('a file is parsed again only when its text has changed, and its faults are told each time', () => {
  const { parser, memory } = start();
  memory.parse('a.yaml', 'one');
  expect(memory.parse('a.yaml', 'one').problems).toMatchObject([{ message: 'one' }]);
  expect(parser).toHaveBeenCalledTimes(1);
  expect(memory.parse('a.yaml', 'two').problems).toMatchObject([{ message: 'two' }]);
  expect(memory.parse('a.yaml', 'one').problems).toMatchObject([{ message: 'one' }]);
  expect(parser).toHaveBeenCalledTimes(3);
});

test('the same text in another file is another file', () => {
  const { memory } = start();
  memory.parse('a.yaml', 'one');
  expect(memory.parse('b.yaml', 'one').problems).toMatchObject([{ file: 'b.yaml' }]);
});

test('a file that is gone is forgotten', () => {
  const { parser, memory } = start();
  for (const file of ['a.yaml', 'b.yaml']) memory.parse(file, 'one');
  memory.keepOnly([{ file: 'b.yaml', text: 'one' }]);
  for (const file of ['a.yaml', 'b.yaml']) memory.parse(file, 'one');
  expect(parser.mock.calls.map(([file]) => file)).toEqual(['a.yaml', 'b.yaml', 'a.yaml']);
});
