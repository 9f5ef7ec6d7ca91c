const rfc3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

/** Go's zero time, `0001-01-01T00:00:00Z`: what Alertmanager writes where there is no time. */
const goZeroTimeMs = -62_135_596_800_000;
const goZeroTime = '0001-01-01T00:00:00Z';

const daysOf = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const fourCenturiesMs = 146_097 * 24 * 3_600_000;

/**
 * Milliseconds since the Unix epoch of an RFC 3339 time with any number of fractional digits (what
 * is finer than a millisecond is cut off); `undefined` if the text is no such time, or names a day
 * or an hour that does not exist.
 */
export function parseTimestamp(text: string): number | undefined {
  if (text === goZeroTime) return goZeroTimeMs;
  const parts = rfc3339.exec(text);
  if (parts === null) return undefined;
  const year = Number(parts[1]);
  const month = Number(parts[2]);
  const day = Number(parts[3]);
  const hour = Number(parts[4]);
  const minute = Number(parts[5]);
  const second = Number(parts[6]);
  const offsetHours = Number(parts[9] ?? 0);
  const offsetMinutes = Number(parts[10] ?? 0);
  if (hour > 23 || minute > 59 || second > 59 || offsetHours > 23 || offsetMinutes > 59) {
    return undefined;
  }
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 && isLeap ? 29 : (daysOf[month - 1] ?? 0);
  if (day < 1 || day > days) return undefined;
  const ms = Number((parts[7] ?? '').slice(0, 3).padEnd(3, '0'));
  // Date.UTC takes the years before 100 for others; 400 years later the calendar is the same
  const later = Date.UTC(year + 400, month - 1, day, hour, minute, second, ms);
  const offsetMs = (offsetHours * 60 + offsetMinutes) * 60_000;
  return later - fourCenturiesMs + (parts[8] === '-' ? offsetMs : -offsetMs);
}
