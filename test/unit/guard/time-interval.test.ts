import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  endOf,
  isWithin,
  type Range,
  type TimeInterval,
} from '../../../src/guard/time-interval.js';

const minute = 60_000;
const utc = (iso: string) => Date.parse(`${iso}Z`);
const iso = (ms: number) => new Date(ms).toISOString().slice(0, 16);
const hours = (from: number, to: number): Range[] => [{ from: from * 60, to: to * 60 }];
const end = (intervals: TimeInterval[], at: string) => iso(endOf(intervals, utc(at)));

describe('an interval', () => {
  test('of times begins with its first minute and ends before its last', () => {
    const night: TimeInterval[] = [{ times: hours(2, 4), location: 'UTC' }];
    const open = ['01:59', '02:00', '03:59', '04:00'].map((time) =>
      isWithin(night, utc(`2026-01-31T${time}`)),
    );
    expect(open).toEqual([false, true, true, false]);
  });

  test.each([
    ['weekdays', { weekdays: [{ from: 1, to: 5 }] }, '2026-01-30', '2026-01-31'],
    ['days from the beginning', { daysOfMonth: [{ from: 1, to: 7 }] }, '2026-03-07', '2026-03-08'],
    ['days from the end', { daysOfMonth: [{ from: -2, to: -1 }] }, '2028-02-28', '2028-02-27'],
    [
      'days that a month has not',
      { daysOfMonth: [{ from: 31, to: 31 }] },
      '2026-01-31',
      '2026-02-28',
    ],
    ['days over both ends', { daysOfMonth: [{ from: 5, to: -1 }] }, '2026-02-28', '2026-02-04'],
    ['months', { months: [{ from: 6, to: 8 }] }, '2026-08-31', '2026-09-01'],
    ['years', { years: [{ from: 2026, to: 2027 }] }, '2027-12-31', '2028-01-01'],
  ])('of %s holds on its days only', (_, fields, inside, outside) => {
    const intervals = [{ ...fields, location: 'UTC' }];
    expect(isWithin(intervals, utc(`${inside}T12:00`))).toBe(true);
    expect(isWithin(intervals, utc(`${outside}T12:00`))).toBe(false);
  });

  test('holds where all of its fields do', () => {
    const fields = { times: hours(18, 24), weekdays: [{ from: 5, to: 5 }], location: 'UTC' };
    expect(isWithin([fields], utc('2026-01-30T18:00'))).toBe(true);
    expect(isWithin([fields], utc('2026-01-30T17:59'))).toBe(false);
    expect(isWithin([fields], utc('2026-01-31T18:00'))).toBe(false);
  });

  test('is meant in its own time zone, whose day may be another one', () => {
    const saturday = [{ weekdays: [{ from: 6, to: 6 }], location: 'Pacific/Auckland' }];
    expect(isWithin(saturday, utc('2026-01-30T12:00'))).toBe(true);
    expect(isWithin(saturday, utc('2026-01-31T12:00'))).toBe(false);
  });
});

describe('the end', () => {
  test('of what is not open is now', () => {
    expect(end([{ times: hours(2, 4), location: 'UTC' }], '2026-01-31T05:00')).toBe(
      '2026-01-31T05:00',
    );
  });

  test('is over midnight where the next day goes on', () => {
    const night = [
      { times: hours(22, 24), location: 'UTC' },
      { times: hours(0, 6), location: 'UTC' },
    ];
    expect(end(night, '2026-01-31T23:10')).toBe('2026-02-01T06:00');
  });

  test('is that of the last of several that overlap', () => {
    const both = [
      { times: hours(1, 5), location: 'UTC' },
      { times: hours(2, 4), location: 'Europe/Berlin' },
      { times: hours(5, 7), location: 'UTC' },
    ];
    expect(end(both, '2026-01-31T01:30')).toBe('2026-01-31T07:00');
  });

  test('comes an hour sooner where the clocks go forward in it', () => {
    const night = [{ times: hours(0, 4), location: 'Europe/Berlin' }];
    expect(end(night, '2026-03-28T23:00')).toBe('2026-03-29T02:00');
  });

  test('comes when the hour is skipped in which it lay', () => {
    const night = [{ times: [{ from: 60, to: 150 }], location: 'Europe/Berlin' }];
    expect(end(night, '2026-03-29T00:30')).toBe('2026-03-29T01:00');
  });

  test('comes an hour later where the clocks go back in it', () => {
    const night = [{ times: hours(0, 4), location: 'Europe/Berlin' }];
    expect(end(night, '2026-10-24T22:00')).toBe('2026-10-25T03:00');
  });

  test('of a month, and of a year, is found', () => {
    const december = [{ months: [{ from: 12, to: 12 }], location: 'Europe/Berlin' }];
    expect(end(december, '2026-12-03T10:00')).toBe('2026-12-31T23:00');
    const year = [{ years: [{ from: 2026, to: 2026 }], location: 'America/New_York' }];
    expect(end(year, '2026-01-03T10:00')).toBe('2027-01-01T05:00');
  });

  test('of what never ends is looked for in a bounded time', () => {
    const always = [{ years: [{ from: 1, to: 9_999 }], location: 'UTC' }];
    expect(endOf(always, 0)).toBe(400 * 24 * 60 * minute);
  });
});

describe('for any intervals, the end', () => {
  const zones = [
    'UTC',
    'Europe/Berlin',
    'America/St_Johns',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
  ];
  const range = (least: number, most: number) =>
    fc
      .tuple(fc.integer({ min: least, max: most }), fc.integer({ min: least, max: most }))
      .map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));
  const some = (ranges: fc.Arbitrary<Range>) =>
    fc.option(fc.array(ranges, { minLength: 1, maxLength: 2 }), { nil: undefined });
  const interval = fc.record({
    times: some(range(0, 47).map(({ from, to }) => ({ from: from * 30 + 7, to: (to + 1) * 30 }))),
    weekdays: some(range(0, 6)),
    daysOfMonth: some(fc.oneof(range(1, 31), range(-31, -1))),
    months: some(range(1, 12)),
    location: fc.constantFrom(...zones),
  });
  // the days around the changes of the clocks, and any others
  const moments = fc.oneof(
    fc.integer({ min: utc('2026-03-28T00:00'), max: utc('2026-04-06T00:00') }),
    fc.integer({ min: utc('2026-10-02T00:00'), max: utc('2026-11-02T00:00') }),
    fc.integer({ min: utc('2026-01-01T00:00'), max: utc('2028-12-31T00:00') }),
  );

  test('is the first minute that is in none of them, as found by trying each', () => {
    const lookMs = 36 * 60 * minute;
    fc.assert(
      fc.property(
        fc.array(interval, { minLength: 1, maxLength: 3 }),
        moments,
        (intervals, atMs) => {
          const foundMs = endOf(intervals, atMs);
          let triedMs = atMs;
          while (triedMs < atMs + lookMs && isWithin(intervals, triedMs)) {
            triedMs = (Math.floor(triedMs / minute) + 1) * minute;
          }
          expect(Math.min(foundMs, atMs + lookMs)).toBe(Math.min(triedMs, atMs + lookMs));
          const isFound = foundMs < atMs + 400 * 24 * 60 * minute;
          if (isFound) expect(isWithin(intervals, foundMs)).toBe(false);
        },
      ),
      { numRuns: 300 },
    );
  });
});
