import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDuration } from '../../../src/lib/duration.js';
import { InputError } from '../../../src/lib/errors.js';
import { formatDuration } from '../../../src/lib/time.js';

test.each([
  ['0', 0],
  ['0s', 0],
  ['500ms', 500],
  ['15s', 15_000],
  ['5m', 300_000],
  ['1h30m', 5_400_000],
  ['1d', 86_400_000],
  ['1w', 604_800_000],
  ['1y', 31_536_000_000],
  ['90m', 5_400_000],
  ['1y2w3d4h5m6s7ms', 33_019_506_007],
])('%s is %d ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(['', '5', '1.5h', '-5m', '5 m', '30m1h', '5m5m', '5M', '1h ', 'm', '300y', '1ms1s'])(
  '%j is no duration',
  (text) => {
    expect(() => parseDuration(text)).toThrow(InputError);
  },
);

test.each([
  [0, '0s'],
  [1, '1ms'],
  [120_000, '2m'],
  [5_400_000, '1h30m'],
  [86_400_000 * 10, '10d'],
  [86_400_000 * 14, '2w'],
  [86_400_000 * 365, '1y'],
  [86_400_000 * 366, '366d'],
])('%d ms is written as Prometheus writes it', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test('a duration that was written is read back', () => {
  fc.assert(
    fc.property(fc.nat({ max: 9_000_000_000_000 }), (ms) => {
      expect(parseDuration(formatDuration(ms))).toBe(ms);
    }),
  );
});
