const rfc3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

/** Go's zero time, `0001-01-01T00:00:00Z`: what Alertmanager writes where there is no time. */
export const goZeroTimeMs = -62_135_596_800_000;

/**
 * Milliseconds since the Unix epoch of an RFC 3339 time with any number of fractional digits (what
 * is finer than a millisecond is cut off); `undefined` if the text is no such time, or names a day
 * or an hour that does not exist.
 */
export function parseTimestamp(text: string): number | undefined {
  const parts = rfc3339.exec(text);
  if (parts === null) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const offsetHours = Number(parts[9] ?? 0);
  const offsetMinutes = Number(parts[10] ?? 0);
  if (hour > 23 || minute > 59 || second > 59 || offsetHours > 23 || offsetMinutes > 59) {
    return undefined;
  }
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  date.setUTCHours(hour, minute, second, Number((parts[7] ?? '').slice(0, 3).padEnd(3, '0')));
  const offsetMs = (offsetHours * 60 + offsetMinutes) * 60_000;
  return date.getTime() + (parts[8] === '-' ? offsetMs : -offsetMs);
}
