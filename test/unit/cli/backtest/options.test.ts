import { describe, expect, test } from 'vitest';
import {
  readBounds,
  readConverge,
  readSize,
  readTime,
} from '../../../../src/cli/backtest/options.js';

describe('the options of jidoka backtest', () => {
  test('are read', () => {
    expect(readBounds('2..8')).toEqual({ min: 2, max: 8 });
    expect(readBounds('none')).toBeNull();
    expect(readSize('4', { min: 2, max: 8 })).toBe(4);
    expect(readSize('400', null)).toBe(400);
    expect(readConverge('90s')).toBe(90_000);
    expect(readTime('since', undefined, 5)).toBeUndefined();
    expect(readTime('since', '2026-01-31T08:00:00Z', 5)).toBe(Date.UTC(2026, 0, 31, 8));
    expect(readTime('until', '1h', 3_600_005)).toBe(5);
  });

  test.each([
    ['8..2', /--bounds: expected two numbers such as 1\.\.10, or none, got "8\.\.2"/],
    ['5', /--bounds/],
    ['1..x', /--bounds/],
  ])('--bounds %s is refused', (text, message) => {
    expect(() => readBounds(text)).toThrow(message);
  });

  test('a size outside of the bounds is refused, and so is no number', () => {
    expect(() => readSize('9', { min: 2, max: 8 })).toThrow(/within the bounds 2\.\.8, got "9"/);
    expect(() => readSize('', null)).toThrow(/--size: expected a whole number, got ""/);
  });

  test('what is no duration or time is refused', () => {
    expect(() => readConverge('soon')).toThrow(/^--converge: expected a duration/);
    expect(() => readTime('since', 'monday', 5)).toThrow(
      /^--since: expected a time such as .*, or how long ago, such as 7d, got "monday"/,
    );
  });
});
