import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readRemovals, takeOut } from '../protections/removals.js';
import { readRows, titlePattern } from '../protections/rows.js';

/* `npm run test:protections` takes the protections out and runs the tests; this holds that it can. */

const root = resolve(import.meta.dirname, '../..');
const rows = readRows(root);
const removals = readRemovals(root);
const read = (file: string) => readFileSync(resolve(root, file), 'utf8');

test('each fault in the table of faults is shown by a test that there is', () => {
  expect(rows.length).toBeGreaterThan(50);
  const without = rows.filter(
    ({ file, title }) => !existsSync(resolve(root, file)) || !read(file).includes(`'${title}',`),
  );
  expect(without).toEqual([]);
});

test('each fault in the table of faults has a protection that can be taken out, and each removal its fault', () => {
  const faults = rows.map(({ fault }) => fault);
  const known = new Set(removals.map(({ fault }) => fault));
  expect(faults.filter((fault) => !known.has(fault))).toEqual([]);
  expect([...known].filter((fault) => !faults.includes(fault))).toEqual([]);
});

test.each(removals)('$fault: $without can be taken out', ({ edits }) => {
  const files = new Map<string, string>();
  for (const edit of edits) {
    files.set(edit.file, takeOut(files.get(edit.file) ?? read(edit.file), edit));
  }
  for (const [file, code] of files) expect(code).not.toBe(read(file));
});

describe('taking out', () => {
  const edit = { file: 'src/a.ts', text: 'if (no) return;', instead: '' };

  test('leaves the rest of the code as it is', () => {
    expect(takeOut('a();\nif (no) return;\nb();', edit)).toBe('a();\n\nb();');
  });

  test.each([
    ['is not there', 'a();'],
    ['is there twice', 'if (no) return;if (no) return;'],
  ])('what %s is an error that says where its removal is', (_, code) => {
    expect(() => takeOut(code, edit)).toThrow(/src\/a\.ts: .*exactly once.*test\/protections/);
  });
});

test('the cases of a test have its name, and other tests do not', () => {
  const row = { number: 1, fault: 'f', file: 'test/a.test.ts', title: 'is %s (really: %s)' };
  const pattern = titlePattern(row);
  expect('a thing is busy (really: true)').toMatch(pattern);
  expect('is busy (really: true)').toMatch(pattern);
  expect('is busy (really: true) and more').not.toMatch(pattern);
  expect('this busy (really: true)').not.toMatch(pattern);
});
