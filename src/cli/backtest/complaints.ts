import { formatDuration } from '../../lib/time.js';
import { type BadLine, orderMs } from './notifications.js';

/** How many bad lines are shown; the others are counted. */
const shownBadLines = 5;

/**
 * Says what is wrong with a record while it is read, and counts it.
 *
 * @param options.name what the record is called
 */
export function createComplaints({
  name,
  say,
}: {
  readonly name: string;
  readonly say: (line: string) => void;
}) {
  let badLines = 0;
  let lateLines = 0;

  function onBadLine({ line, fault }: BadLine): void {
    badLines += 1;
    if (badLines <= shownBadLines) say(`${name}: line ${line}: ${fault}`);
    if (badLines === shownBadLines + 1) say(`${name}: more such lines are only counted`);
  }

  function onLate(line: number): void {
    lateLines += 1;
    if (lateLines > 1) return;
    const directIntake = formatDuration(orderMs);
    say(
      `${name}: line ${line} was received more than ${directIntake} before an earlier one: sort the lines`,
    );
  }

  return { onBadLine, onLate, counted: () => ({ badLines, lateLines }) };
}
