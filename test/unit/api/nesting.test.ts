import { expect, test } from 'vitest';
import { isNestedDeeper } from '../../../src/api/nesting.js';
import { cpuMs } from '../../support/cpu-ms.js';

const isDeeper = (text: string, levels: number) => isNestedDeeper(Buffer.from(text), levels);

test.each([
  ['{"a":[{"b":1}]}', 3],
  ['[[],[],[]]', 2],
  ['["[[[[","\\"[[[[","\\\\",[]]', 2],
  ['"[[[[', 0],
  ['"\\', 0],
  ['', 0],
  ['"é[[[["', 0],
])('%j is %i levels deep', (text, levels) => {
  expect(isDeeper(text, levels)).toBe(false);
  if (levels > 0) expect(isDeeper(text, levels - 1)).toBe(true);
});

test('of thirty million lists within each other the first thousand are looked at', async () => {
  const bytes = Buffer.alloc(30_000_000, '[');
  const took = await cpuMs(() => expect(isNestedDeeper(bytes, 1_000)).toBe(true));
  expect(took).toBeLessThan(100);
});
