import { formatTime } from '../../lib/time.js';
import { inWords } from '../time-words.js';

interface TimeProps {
  readonly ms: number;
  readonly nowMs: number;
}

/** A time that is past, as `5 min ago`; the exact time stands in its title. */
export function Ago({ ms, nowMs }: TimeProps) {
  return (
    <time datetime={new Date(ms).toISOString()} title={formatTime(ms)} data-time="ago">
      {inWords(ms, nowMs)}
    </time>
  );
}

/** A time that is to come, as `in 2 min 5 s`; it counts down while the page is open. */
export function Until({ ms, nowMs }: TimeProps) {
  return (
    <time datetime={new Date(ms).toISOString()} title={formatTime(ms)} data-time="until">
      {inWords(ms, nowMs)}
    </time>
  );
}

/** A time as it is: `2026-01-31 08:00:05 UTC`. */
export function At({ ms }: Pick<TimeProps, 'ms'>) {
  return <time datetime={new Date(ms).toISOString()}>{formatTime(ms)}</time>;
}
