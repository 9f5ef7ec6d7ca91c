import { alertEnds } from '../../ledger/alert-end.js';
import {
  type DayStats,
  type Ends,
  type Reached,
  readDailyStats,
} from '../../ledger/daily-stats.js';
import type { Ledger } from '../../ledger/ledger.js';
import type { Policy } from '../../playbook/policy.js';

/** What became of the alerts of some days (UTC), up to now. */
export interface Report {
  readonly days: number;
  readonly ends: Ends;
  /** Of the alerts that were resolved by the machine or reached people, the part that the machine resolved; `null`: there were none. */
  readonly share: number | null;
  readonly minutesPerAlert: number;
  readonly minutesSaved: number;
  readonly perDay: readonly DayStats[];
  readonly reached: readonly Reached[];
  readonly reachedOthers: number;
}

/**
 * Reads the report.
 *
 * @throws what Redis throws.
 */
export async function reportOf(
  ledger: Ledger,
  { report: { minutesPerAlert } }: Pick<Policy, 'report'>,
  { days, nowMs }: { readonly days: number; readonly nowMs: number },
): Promise<Report> {
  const { days: perDay, reached, reachedOthers } = await readDailyStats(ledger, days, nowMs);
  const sum = (end: keyof Ends) => perDay.reduce((all, { ends }) => all + ends[end], 0);
  const ends = Object.fromEntries(alertEnds.map((end) => [end, sum(end)])) as Record<
    keyof Ends,
    number
  >;
  return {
    days,
    ends,
    share: shareOf(ends),
    minutesPerAlert,
    minutesSaved: ends.by_machine * minutesPerAlert,
    perDay,
    reached,
    reachedOthers,
  };
}

/** The part that the machine resolved of what would have needed a person; `null`: nothing did. */
function shareOf({ by_machine, by_click, by_people }: Ends): number | null {
  const needed = by_machine + by_click + by_people;
  return needed === 0 ? null : by_machine / needed;
}
