/*
 * Alertmanager's time intervals (https://prometheus.io/docs/alerting/latest/configuration/#time_interval):
 * what they mean. `playbook/window.ts` reads them.
 */

/** From `from` to `to`, both included. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Recurring times: those that are in every field that is given, and in any range of it. */
export interface TimeInterval {
  /** Minutes of the day; the end is not included, and at most 1440. */
  readonly times?: readonly Range[] | undefined;
  /** 0 is Sunday. */
  readonly weekdays?: readonly Range[] | undefined;
  /** From 1, or from -1 backwards from the end of the month. */
  readonly daysOfMonth?: readonly Range[] | undefined;
  /** From 1. */
  readonly months?: readonly Range[] | undefined;
  readonly years?: readonly Range[] | undefined;
  /** The IANA time zone in which all of that is meant. */
  readonly location: string;
}

/** A moment as a clock and a calendar on a wall show it. */
interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  /** Of the day. */
  readonly minute: number;
}

const minuteMs = 60_000;
const minutesOfDay = 1_440;
const quarterHourMs = 15 * minuteMs;
/** How far ahead an end is looked for. */
const horizonMs = 400 * 24 * 60 * minuteMs;

/** Whether a moment is in one of the intervals. */
export function isWithin(intervals: readonly TimeInterval[], atMs: number): boolean {
  return intervals.some((interval) => contains(interval, wallTime(interval.location, atMs)));
}

/**
 * The first moment from `atMs` on that is in none of the intervals; `atMs` itself where it is in
 * none. Where they do not end within 400 days, the moment after those.
 */
export function endOf(intervals: readonly TimeInterval[], atMs: number): number {
  let endMs = atMs;
  while (endMs < atMs + horizonMs) {
    const stretches = intervals.map((interval) => stretchEnd(interval, endMs));
    const furthestMs = Math.max(endMs, ...stretches);
    if (furthestMs === endMs) return endMs;
    endMs = furthestMs;
  }
  return endMs;
}

/** Until when an interval surely lasts without a gap; `atMs` where it does not hold then. */
function stretchEnd(interval: TimeInterval, atMs: number): number {
  const { location, times } = interval;
  const wall = wallTime(location, atMs);
  if (!contains(interval, wall)) return atMs;
  const ends = (times ?? [{ from: 0, to: minutesOfDay }]).filter((range) =>
    isInTimes(range, wall.minute),
  );
  const endMinute = Math.max(...ends.map(({ to }) => to));
  const beganMs = Math.floor(atMs / minuteMs) * minuteMs;
  const endMs = beganMs + (endMinute - wall.minute) * minuteMs;
  if (offsetMs(location, endMs) === offsetMs(location, beganMs)) return endMs;
  // The clocks change on the way, which they do at full quarters of an hour only: up to the next one.
  return Math.min(endMs, (Math.floor(atMs / quarterHourMs) + 1) * quarterHourMs);
}

function contains(interval: TimeInterval, wall: WallTime): boolean {
  const { times, weekdays, daysOfMonth, months, years } = interval;
  const isIn = (ranges: readonly Range[] | undefined, value: number) =>
    ranges?.some(({ from, to }) => from <= value && value <= to) ?? true;
  return (
    (times?.some((range) => isInTimes(range, wall.minute)) ?? true) &&
    isIn(weekdays, wall.weekday) &&
    (daysOfMonth?.some((range) => isInDays(range, wall)) ?? true) &&
    isIn(months, wall.month) &&
    isIn(years, wall.year)
  );
}

function isInTimes({ from, to }: Range, minute: number): boolean {
  return from <= minute && minute < to;
}

function isInDays({ from, to }: Range, { year, month, day }: WallTime): boolean {
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const counted = (bound: number) => (bound < 0 ? days + bound + 1 : bound);
  return counted(from) <= day && day <= counted(to);
}

/** How far a zone's clocks are ahead of UTC. */
function offsetMs(location: string, atMs: number): number {
  const { year, month, day, minute } = wallTime(location, atMs);
  const wallMs = Date.UTC(year, month - 1, day, 0, minute);
  return wallMs - Math.floor(atMs / minuteMs) * minuteMs;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function wallTime(location: string, atMs: number): WallTime {
  let format = formats.get(location);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: location,
      calendar: 'gregory',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
    formats.set(location, format);
  }
  const parts = format.formatToParts(atMs);
  const part = (name: Intl.DateTimeFormatPartTypes) =>
    Number(parts.find(({ type }) => type === name)?.value);
  const [year, month, day] = [part('year'), part('month'), part('day')];
  const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay();
  return { year, month, day, weekday, minute: part('hour') * 60 + part('minute') };
}
