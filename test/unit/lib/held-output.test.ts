import { expect, test } from 'vitest';
import { createHeldOutput } from '../../../src/lib/held-output.js';

test('lines are held until they are released, and go through in their order', () => {
  const lines: string[] = [];
  const output = createHeldOutput({ write: (line: string) => lines.push(line) });
  output.write('a');
  output.write('b');
  expect(lines).toEqual([]);
  output.release();
  output.write('c');
  output.release();
  expect(lines).toEqual(['a', 'b', 'c']);
});
