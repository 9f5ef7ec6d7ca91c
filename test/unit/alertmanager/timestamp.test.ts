import { expect, test } from 'vitest';
import { parseTimestamp } from '../../../src/alertmanager/timestamp.js';

test('a time is read to the millisecond, whatever its zone and however many its digits', () => {
  const cases: [string, string][] = [
    ['2018-08-03T09:52:26Z', '2018-08-03T09:52:26.000Z'],
    ['2018-08-03T09:52:26.7Z', '2018-08-03T09:52:26.700Z'],
    ['2018-08-03T09:52:26.739266876+02:00', '2018-08-03T07:52:26.739Z'],
    ['2018-12-31T23:30:00.000000001-01:30', '2019-01-01T01:00:00.000Z'],
    ['2024-02-29t00:00:00z', '2024-02-29T00:00:00.000Z'],
  ];
  for (const [text, iso] of cases) {
    expect(new Date(parseTimestamp(text) ?? Number.NaN).toISOString()).toBe(iso);
  }
});

test("Go's zero time is recognised", () => {
  expect(parseTimestamp('0001-01-01T00:00:00Z')).toBe(-62_135_596_800_000);
});

test.each([
  '',
  '2018',
  '2018-08-03',
  '2018-08-03 09:52:26Z',
  '2018-08-03T09:52:26',
  '2018-08-03T09:52:26.Z',
  '2018-08-03T09:52:26+2',
  '2018-02-29T00:00:00Z',
  '2018-13-01T00:00:00Z',
  '2018-00-01T00:00:00Z',
  '2018-01-00T00:00:00Z',
  '2018-01-01T24:00:00Z',
  '2018-01-01T00:60:00Z',
  '2018-01-01T00:00:60Z',
  '2018-01-01T00:00:00+24:00',
  ' 2018-01-01T00:00:00Z',
])('%j is no RFC 3339 time', (text) => {
  expect(parseTimestamp(text)).toBeUndefined();
});
