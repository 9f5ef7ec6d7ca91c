import { formatTime } from '../../lib/time.js';
import { ageOf, inWords } from '../time-words.js';

interface TimeProps {
  readonly ms: number;
  readonly nowMs: number;
}

/** A time that is past, as `5m ago`; its title has the exact time. */
export function Ago({ ms, nowMs }: TimeProps) {
  return (
    <time datetime={new Date(ms).toISOString()} title={formatTime(ms)} data-time="ago">
      {inWords(ms, nowMs)}
    </time>
  );
}

/** How long ago a time was, as `5m`, for a narrow column. */
export function Age({ ms, nowMs }: TimeProps) {
  return (
    <time datetime={new Date(ms).toISOString()} title={formatTime(ms)} data-time="age">
      {ageOf(ms, nowMs)}
    </time>
  );
}

/** A time that is to come, as `in 2m 5s`; it counts down while the page is open. */
export function Until({ ms, nowMs }: TimeProps) {
  return (
    <time datetime={new Date(ms).toISOString()} title={formatTime(ms)} data-time="until">
      {inWords(ms, nowMs)}
    </time>
  );
}

/** A time as it is: `2026-01-31 08:00:05`, in the reader's zone where there is a script, in UTC where not. */
export function At({ ms }: Pick<TimeProps, 'ms'>) {
  return (
    <time datetime={new Date(ms).toISOString()} title={formatTime(ms)} data-time="at">
      {formatTime(ms)}
    </time>
  );
}
