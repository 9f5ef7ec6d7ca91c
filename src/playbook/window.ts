import { z } from 'zod';
import type { Range, TimeInterval } from '../guard/time-interval.js';
import { InputError } from '../lib/errors.js';
import { readWith, textField } from '../lib/field.js';

/*
 * Reads windows, whose times are Alertmanager's time intervals
 * (https://prometheus.io/docs/alerting/latest/configuration/#time_interval).
 */

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const months = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];

const timeField = readWith(z.string(), (text) => {
  const [, hour, minute] = /^([01]\d|2[0-3]|24(?=:00)):([0-5]\d)$/.exec(text) ?? [];
  if (hour === undefined || minute === undefined) {
    throw fault(`expected a time of day from 00:00 to 24:00, quoted, got ${JSON.stringify(text)}`);
  }
  return Number(hour) * 60 + Number(minute);
}).meta({ title: 'time of day' });

const timesField = z
  .array(
    z
      .strictObject({
        start_time: timeField.meta({
          description: 'Start, inclusive.',
          examples: ['22:00'],
        }),
        end_time: timeField.meta({ description: 'End, exclusive.', examples: ['24:00'] }),
      })
      .refine((range) => range.start_time < range.end_time, {
        error:
          'expected start_time before end_time; write a night as two entries, up to 24:00 and from 00:00',
      })
      .transform((range): Range => ({ from: range.start_time, to: range.end_time })),
  )
  .min(1);

const rangesOf = (read: (text: string) => Range) =>
  z
    .array(
      readWith(z.union([z.string(), z.number()]), (text) => read(String(text))).meta({
        title: 'range',
      }),
    )
    .min(1);

const intervalSchema = z
  .strictObject({
    times: timesField.optional().describe('Times of day.'),
    weekdays: rangesOf((text) =>
      forward(text, (word) => weekdays.indexOf(word), 'monday or monday:friday', 0, 6),
    )
      .optional()
      .meta({ description: 'Days of the week.', examples: [['saturday', 'sunday']] }),
    days_of_month: rangesOf(readDays)
      .optional()
      .meta({
        description: 'Days of the month. Negative numbers count from its end.',
        examples: [['-3:-1']],
      }),
    months: rangesOf((text) => forward(text, readMonth, 'may, 5 or may:august', 1, 12))
      .optional()
      .meta({ description: 'Months.', examples: [['december']] }),
    years: rangesOf((text) => forward(text, readNumber, '2026 or 2026:2028', 1, 9999))
      .optional()
      .meta({ description: 'Years.', examples: [['2026:2028']] }),
    location: readWith(z.string(), readLocation)
      .default('UTC')
      .meta({ description: 'The time zone of the window.', examples: ['Europe/Berlin'] }),
  })
  .refine(
    ({ location: _, ...fields }) => Object.values(fields).some((field) => field !== undefined),
    {
      error:
        'expected at least one of times, weekdays, days_of_month, months and years: this window would never end',
    },
  )
  .transform(
    ({ times, weekdays, days_of_month, months, years, location }): TimeInterval => ({
      times,
      weekdays,
      daysOfMonth: days_of_month,
      months,
      years,
      location,
    }),
  );

/** Alertmanager's time intervals, of which one has to hold. */
const intervalsField = z.array(intervalSchema).min(1);

/** Reads time intervals as Alertmanager's configuration has them; `null`: they cannot be read. */
export function readTimeIntervals(value: unknown): readonly TimeInterval[] | null {
  return intervalsField.safeParse(value).data ?? null;
}

/** The schema of a window. */
export const windowField = z
  .strictObject({
    name: textField.describe('The name of the window in messages.'),
    playbooks: z
      .array(textField)
      .min(1)
      .optional()
      .describe('The playbooks that it blocks. Default: all.'),
    time_intervals: intervalsField.describe(
      "When it is open: Alertmanager's time intervals, at least one of which must match.",
    ),
  })
  .transform(({ name, playbooks, time_intervals }) => ({
    name,
    playbooks,
    intervals: time_intervals,
  }));

/** `5`, or `5:8` from the one to the other. */
function readRange(text: string, read: (word: string) => number, example: string): Range {
  const words = text
    .toLowerCase()
    .split(':')
    .map((word) => word.trim());
  const [from, to = from] = words.map(read);
  if (words.length > 2 || from === undefined || to === undefined) throw unlike(text, example);
  return { from, to };
}

function forward(
  text: string,
  read: (word: string) => number,
  example: string,
  least: number,
  most: number,
): Range {
  const range = readRange(text, read, example);
  // NaN, too, is refused by this
  if (!(least <= range.from && range.from <= range.to && range.to <= most)) {
    throw unlike(text, example);
  }
  return range;
}

function readDays(text: string): Range {
  const example = '15, 1:7 or -3:-1 (1 to 31, or -1 to -31 from the end of the month)';
  const range = readRange(text, readNumber, example);
  const isDay = (day: number) => day !== 0 && Math.abs(day) <= 31;
  const { from, to } = range;
  const isForward = from < 0 === to < 0 ? from <= to : from > 0;
  if (!isDay(from) || !isDay(to) || !isForward) throw unlike(text, example);
  return range;
}

function readMonth(word: string): number {
  const index = months.indexOf(word);
  return index === -1 ? readNumber(word) : index + 1;
}

function readNumber(word: string): number {
  return /^-?\d{1,4}$/.test(word) ? Number(word) : Number.NaN;
}

function readLocation(text: string): string {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    throw fault(`expected a time zone such as Europe/Berlin or UTC, got ${JSON.stringify(text)}`);
  }
}

function unlike(text: string, example: string): InputError {
  return fault(`expected ${example}, got ${JSON.stringify(text)}`);
}

function fault(message: string): InputError {
  return new InputError(message, 'window');
}
