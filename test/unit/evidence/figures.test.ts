import { expect, test } from 'vitest';
import { figuresOf, formatValue, sparkline } from '../../../src/evidence/figures.js';

test('a line is told by its first, lowest, highest and current value', () => {
  expect(figuresOf([null, 2, null, 5, 1, 3, null])).toEqual({
    first: 2,
    lowest: 1,
    highest: 5,
    current: 3,
  });
  expect(figuresOf([null])).toBeNull();
});

test.each([
  [0.123456, '0.1235'],
  [0, '0'],
  [123_456.7, '123457'],
  [12.5, '12.5'],
  [1.5e12, '1.50e+12'],
  [0.00001, '1.00e-5'],
  [-3, '-3'],
])('%s reads as %s', (value, text) => {
  expect(formatValue(value)).toBe(text);
});

test('a sparkline has a bar for each part, and gaps', () => {
  expect(sparkline([null, 0, 1, 2, 3, 4, 5, 6, 7])).toBe('▁▂▃▄▅▆▇█');
  expect(sparkline([1, null, 1])).toBe('▁ ▁');
  expect(sparkline(Array.from({ length: 240 }, (_, at) => at))).toHaveLength(24);
  expect(sparkline([null, null])).toBe('');
});
